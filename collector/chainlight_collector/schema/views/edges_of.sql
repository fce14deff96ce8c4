-- Which function calls which, how, and what does waiting for it cost? The source of edges and
-- edges_daily: one row per (caller, callee, kind, mode), and per day where is_daily. Percentiles are
-- exact, of all calls of the period; everything else comes from edge_totals_of. All is joined
-- by equal days, so that one day's edges read one day's calls; calls without a day have no percentiles.
CREATE OR REPLACE MACRO edges_of(is_daily) AS TABLE
WITH percentiles AS (
    SELECT
        edge_id,
        CASE WHEN is_daily THEN day ELSE DATE '9999-12-30' END AS joined_day,
        QUANTILE_CONT(wait_us, [0.5, 0.95, 0.99]) AS waits_us,
        QUANTILE_CONT(queued_us, [0.5, 0.95]) AS queues_us,
        QUANTILE_CONT(payload_bytes, 0.99) AS payload_p99_bytes
    FROM edge_rows
    GROUP BY edge_id, CASE WHEN is_daily THEN day ELSE DATE '9999-12-30' END
),

totals AS (
    SELECT *, CASE WHEN is_daily THEN period ELSE DATE '9999-12-30' END AS joined_day
    FROM edge_totals_of(is_daily)
),

caller_totals AS (
    SELECT
        function_name,
        CASE WHEN is_daily THEN day ELSE DATE '9999-12-30' END AS joined_day,
        SUM(invocations_count) AS invocations_count
    FROM function_day_rows
    GROUP BY function_name, CASE WHEN is_daily THEN day ELSE DATE '9999-12-30' END
)

SELECT
    t.caller_function,
    t.callee_function,
    t.kind,
    t.mode,
    t.joined_day AS day,
    t.calls_count,
    t.failed_count,
    t.tries_count,
    CAST(ROUND(p.waits_us[1]) AS BIGINT) AS wait_p50_us,
    CAST(ROUND(p.waits_us[2]) AS BIGINT) AS wait_p95_us,
    CAST(ROUND(p.waits_us[3]) AS BIGINT) AS wait_p99_us,
    CAST(ROUND(p.queues_us[1]) AS BIGINT) AS queued_p50_us,
    CAST(ROUND(p.queues_us[2]) AS BIGINT) AS queued_p95_us,
    t.cold_count * 1.0 / NULLIF(t.executions_count, 0) AS cold_share,
    CAST(ROUND(p.payload_p99_bytes) AS BIGINT) AS payload_p99_bytes,
    l.payload_limit_bytes,
    t.result_read_count * 1.0 / NULLIF(t.result_known_count, 0) AS result_read_share,
    t.caller_invocations_count * 1.0 / NULLIF(i.invocations_count, 0) AS call_share,
    t.paid_idle_us,
    t.paid_idle_usd,
    t.request_usd,
    a.owner <> b.owner AS crosses_owner,
    t.crosses_account,
    t.crosses_region,
    t.is_callee_seen,
    t.executions_count,
    t.failed_executions_count,
    t.retried_count,
    t.throttled_count,
    t.result_known_count,
    t.caller_invocations_count,
    t.callee_duration_us,
    t.on_error_count * 1.0 / t.calls_count AS on_error_share,
    t.payload_bytes,
    t.carrier_usd,
    t.wait_us,
    t.edge_id
FROM totals AS t
LEFT JOIN percentiles AS p ON p.edge_id = t.edge_id AND p.joined_day = t.joined_day
LEFT JOIN caller_totals AS i
    ON i.function_name = t.caller_function AND i.joined_day = t.joined_day
LEFT JOIN limits AS l
    ON l.kind = t.kind AND l.mode IN (t.mode, '*')
    AND t.last_day >= l.valid_from AND t.last_day < l.valid_to
LEFT JOIN owners AS a ON a.function_name = t.caller_function
LEFT JOIN owners AS b ON b.function_name = t.callee_function;
