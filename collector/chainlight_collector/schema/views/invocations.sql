-- How did each event fare? One row per invocation (function_name, request_id), attempts together.
-- final_outcome is the last attempt's; an attempt that was followed by another counts as failed in
-- superseded_count even where its own outcome is unknown. Money in US dollars, times in microseconds.
CREATE OR REPLACE VIEW invocations AS
SELECT
    function_name,
    request_id,
    MIN(chain_id) AS chain_id,
    MAX(attempt_number) AS attempts_count,
    MIN(started_us) AS started_us,
    MAX(ended_us) AS ended_us,
    MAX_BY(outcome, attempt_number) AS final_outcome,
    MAX_BY(outcome, attempt_number) IN ('error', 'timeout', 'crash', 'throttled') AS is_failed,
    BOOL_OR(is_cold) FILTER (WHERE attempt_number = 1) AS is_cold,
    MAX(attempt_number) - 1 AS superseded_count,
    SUM(duration_us) AS duration_us,
    SUM(cost_usd) AS cost_usd,
    SUM(request_usd) AS request_usd,
    SUM(cost_usd) FILTER (
        WHERE outcome IN ('error', 'timeout', 'crash', 'throttled')
    ) AS failed_usd,
    MAX(source_kind) AS source_kind,
    MAX(receive_count) AS receive_count,
    MIN(day) AS day
FROM attempts
GROUP BY function_name, request_id;
