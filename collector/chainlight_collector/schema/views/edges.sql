-- Which function calls which, how, and what does waiting for it cost?
-- One row per (caller, callee, kind, mode) over all data; times in microseconds, money in US dollars
-- at list price. call_share: the part of the caller's invocations in which the call happens.
-- payload_p99_bytes stands against payload_limit_bytes. crosses_*: NULL where one side is unknown.
CREATE OR REPLACE VIEW edges AS
WITH caller_totals AS (
    SELECT function_name, COUNT(*) AS invocations_count
    FROM (SELECT DISTINCT function_name, request_id FROM attempt_rows)
    GROUP BY function_name
),

measured AS (
    SELECT
        e.caller_function,
        e.callee_function,
        e.kind,
        e.mode,
        COUNT(*) AS calls_count,
        COUNT(*) FILTER (WHERE e.is_failed) AS failed_count,
        SUM(e.tries_count) AS tries_count,
        PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY e.wait_us) AS wait_p50_us,
        PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY e.wait_us) AS wait_p95_us,
        PERCENTILE_CONT(0.99) WITHIN GROUP (ORDER BY e.wait_us) AS wait_p99_us,
        PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY e.queued_us) AS queued_p50_us,
        PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY e.queued_us) AS queued_p95_us,
        SUM(e.cold_count) AS cold_count,
        SUM(e.executions_count) AS executions_count,
        SUM(e.failed_executions_count) AS failed_executions_count,
        SUM(e.retried_count) AS retried_count,
        SUM(e.callee_duration_us) AS callee_duration_us,
        PERCENTILE_CONT(0.99) WITHIN GROUP (ORDER BY e.payload_bytes) AS payload_p99_bytes,
        AVG(CASE WHEN e.result_was_read THEN 1.0 WHEN NOT e.result_was_read THEN 0.0 END)
            AS result_read_share,
        COUNT(e.result_was_read) AS result_known_count,
        COUNT(*) FILTER (WHERE e.call_outcome = 'throttled') AS throttled_count,
        COUNT(DISTINCT e.caller_request_id) AS caller_invocations_count,
        SUM(e.paid_idle_us) AS paid_idle_us,
        SUM(e.paid_idle_usd) AS paid_idle_usd,
        SUM(e.request_usd) AS request_usd,
        BOOL_OR(e.is_callee_seen) AS is_callee_seen,
        MIN(e.day) AS first_day,
        MAX(e.day) AS last_day
    FROM edge_calls AS e
    GROUP BY e.caller_function, e.callee_function, e.kind, e.mode
)

SELECT
    m.caller_function,
    m.callee_function,
    m.kind,
    m.mode,
    m.calls_count,
    m.failed_count,
    CAST(m.tries_count AS BIGINT) AS tries_count,
    CAST(ROUND(m.wait_p50_us) AS BIGINT) AS wait_p50_us,
    CAST(ROUND(m.wait_p95_us) AS BIGINT) AS wait_p95_us,
    CAST(ROUND(m.wait_p99_us) AS BIGINT) AS wait_p99_us,
    CAST(ROUND(m.queued_p50_us) AS BIGINT) AS queued_p50_us,
    CAST(ROUND(m.queued_p95_us) AS BIGINT) AS queued_p95_us,
    m.cold_count * 1.0 / NULLIF(m.executions_count, 0) AS cold_share,
    CAST(ROUND(m.payload_p99_bytes) AS BIGINT) AS payload_p99_bytes,
    l.payload_limit_bytes,
    m.result_read_share,
    m.caller_invocations_count * 1.0 / NULLIF(t.invocations_count, 0) AS call_share,
    CAST(ROUND(m.paid_idle_us) AS BIGINT) AS paid_idle_us,
    m.paid_idle_usd,
    m.request_usd,
    a.owner <> b.owner AS crosses_owner,
    a.account_id <> b.account_id AS crosses_account,
    a.region <> b.region AS crosses_region,
    m.is_callee_seen,
    CAST(m.executions_count AS BIGINT) AS executions_count,
    CAST(m.failed_executions_count AS BIGINT) AS failed_executions_count,
    CAST(m.retried_count AS BIGINT) AS retried_count,
    m.throttled_count,
    m.result_known_count,
    m.caller_invocations_count,
    CAST(ROUND(m.callee_duration_us) AS BIGINT) AS callee_duration_us
FROM measured AS m
LEFT JOIN caller_totals AS t ON t.function_name = m.caller_function
LEFT JOIN limits AS l
    ON l.kind = m.kind AND l.mode IN (m.mode, '*')
    AND m.last_day >= l.valid_from AND m.last_day < l.valid_to
LEFT JOIN function_newest AS a ON a.function_name = m.caller_function
LEFT JOIN function_newest AS b ON b.function_name = m.callee_function;
