-- What do all rules look at? One row per edge with its window, thresholds and both configurations.
-- window_days: from the first to the last attempt read, an hour at least; months have 30 days, so
-- a figure of the window times month_factor is the figure of a month.
CREATE OR REPLACE VIEW finding_edges AS
WITH seen AS (
    SELECT
        GREATEST(MAX(COALESCE(ended_us, started_us)) - MIN(started_us), 3600000000)
            / 86400000000.0 AS window_days
    FROM attempt_rows
),

settings AS (
    SELECT
        MAX(value) FILTER (WHERE name = 'calls_min') AS calls_min,
        MAX(value) FILTER (WHERE name = 'saving_usd_month_min') AS saving_usd_month_min,
        MAX(value) FILTER (WHERE name = 'timeout_share_max') AS timeout_share_max
    FROM thresholds
),

function_times AS (
    SELECT
        function_name,
        MAX_BY(memory_mb, started_us) AS memory_mb,
        MAX_BY(second_usd / memory_mb * 1024.0, started_us) AS gb_s_usd,
        SUM(duration_us - paid_idle_us) AS own_us,
        PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY duration_us) AS duration_p95_us
    FROM attempts
    GROUP BY function_name
)

SELECT
    e.*,
    w.window_days,
    30.0 / w.window_days AS month_factor,
    s.calls_min,
    s.saving_usd_month_min,
    s.timeout_share_max,
    a.memory_mb AS caller_memory_mb,
    b.memory_mb AS callee_memory_mb,
    a.gb_s_usd,
    a.own_us * LEAST(e.call_share, 1.0) AS caller_own_us,
    a.duration_p95_us AS caller_p95_us,
    f.timeout_s AS caller_timeout_s,
    g.function_name IS NOT NULL AS has_callee_config,
    COALESCE(g.dlq_arn, g.on_failure_arn) AS callee_dlq_arn,
    printf('%d calls in %.2f days, a month is 30 days', e.calls_count, w.window_days) AS window_text
FROM edges AS e
CROSS JOIN seen AS w
CROSS JOIN settings AS s
LEFT JOIN function_times AS a ON a.function_name = e.caller_function
LEFT JOIN function_times AS b ON b.function_name = e.callee_function
LEFT JOIN function_newest AS f ON f.function_name = e.caller_function
LEFT JOIN function_newest AS g ON g.function_name = e.callee_function;
