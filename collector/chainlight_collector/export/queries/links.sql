-- Which call caused which invocation of the chain? One row per link, with its evidence.
SELECT * FROM links
WHERE (callee_function, callee_request_id) IN (
    SELECT (function_name, request_id) FROM chain_timeline WHERE chain_id = $chain_id
)
ORDER BY callee_function, callee_request_id, call_id
