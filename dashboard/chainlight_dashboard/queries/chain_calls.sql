-- Which calls did this chain's executions make? One row per call. Times in microseconds.
-- columns: caller_function, caller_request_id, caller_attempt_number, kind, target, operation,
--   mode, started_us, wait_us, tries_count, outcome, error_type, payload_bytes, response_bytes,
--   result_was_read, evidence
SELECT
    calls.caller_function, calls.caller_request_id, calls.caller_attempt_number, calls.kind,
    calls.target, calls.operation, calls.mode, calls.started_us, calls.wait_us, calls.tries_count,
    calls.outcome, calls.error_type, calls.payload_bytes, calls.response_bytes,
    calls.result_was_read,
    (SELECT min(links.evidence) FROM links WHERE links.call_id = calls.call_id) AS evidence
FROM calls
WHERE (calls.caller_function, calls.caller_request_id) IN (
    SELECT (function_name, request_id) FROM chain_members WHERE chain_id = $chain_id
)
ORDER BY calls.started_us
