-- Which calls did the chain's executions make? One row per call.
SELECT * FROM calls
WHERE (caller_function, caller_request_id) IN (
    SELECT (function_name, request_id) FROM chain_members WHERE chain_id = $chain_id
)
ORDER BY started_us, call_id
