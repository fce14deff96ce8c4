-- Which executions belong to this chain? One row per attempt. Times in microseconds; money is the
-- attempt's own, `share` is the part of it this chain carries.
-- columns: function_name, request_id, attempt_number, started_us, ended_us, duration_us, billed_ms,
--   memory_mb, max_memory_used_mb, init_us, is_cold, outcome, error_type, paid_idle_us,
--   paid_idle_usd, cost_usd, share, region, log_group, log_stream, has_record, has_report
SELECT
    attempts.function_name, attempts.request_id, attempts.attempt_number, attempts.started_us,
    attempts.ended_us, attempts.duration_us, attempts.billed_ms, attempts.memory_mb,
    attempts.max_memory_used_mb, attempts.init_us, attempts.is_cold, attempts.outcome,
    attempts.error_type, attempts.paid_idle_us, attempts.paid_idle_usd, attempts.cost_usd,
    members.share, attempts.region, attempts.log_group, attempts.log_stream,
    attempts.has_record, attempts.has_report
FROM chain_members AS members
JOIN attempts USING (function_name, request_id, attempt_number)
WHERE members.chain_id = $chain_id
ORDER BY attempts.started_us, attempts.function_name, attempts.attempt_number
