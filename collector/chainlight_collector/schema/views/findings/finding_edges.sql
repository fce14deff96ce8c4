-- What do all rules look at? One row per edge with its window, thresholds and both configurations.
-- window_days: from the first to the last attempt read, and a day at least: ten busy minutes are not
-- multiplied by 4,320. Months have 30 days, so a figure of the window times month_factor is the
-- figure of a month. is_unguarded: an event that
-- fails for good is gone (neither DLQ nor on-failure destination; for a queue: no redrive).
CREATE OR REPLACE VIEW finding_edges AS
WITH seen AS (
    SELECT
        GREATEST(MAX(COALESCE(ended_us, started_us)) - MIN(started_us), 86400000000)
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
),

redrives AS (
    SELECT queue_name, dlq_arn
    FROM (
        SELECT
            SPLIT_PART(queue_arn, ':', 6) AS queue_name,
            dlq_arn,
            ROW_NUMBER() OVER (PARTITION BY queue_arn ORDER BY observed_us DESC) AS age_rank
        FROM queue_redrives
    )
    WHERE age_rank = 1
),

queues AS (
    SELECT
        c.caller_function,
        COALESCE(l.callee_function, c.target_name) AS callee_function,
        'sqs' AS kind,
        BOOL_AND(r.dlq_arn IS NOT NULL) AS has_redrive
    FROM call_rows AS c
    INNER JOIN redrives AS r ON r.queue_name = c.target_name
    LEFT JOIN link_rows AS l ON l.call_id = c.call_id
    WHERE c.kind = 'sqs'
    GROUP BY 1, 2
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
    a.own_us AS caller_own_us,
    a.duration_p95_us AS caller_p95_us,
    f.timeout_s AS caller_timeout_s,
    g.function_name IS NOT NULL AS has_callee_config,
    e.mode = 'async' AND (
        (e.kind IN ('lambda', 'sns', 'eventbridge', 's3') AND g.function_name IS NOT NULL
            AND g.dlq_arn IS NULL AND g.on_failure_arn IS NULL)
        OR COALESCE(NOT q.has_redrive, FALSE)
    ) AS is_unguarded,
    e.mode = 'sync' AND e.kind = 'lambda' AND e.result_known_count >= s.calls_min
        AND COALESCE(e.result_read_share = 0, FALSE) AS is_result_unread,
    printf('%d calls in %.2f days, a month is 30 days', e.calls_count, w.window_days) AS window_text
FROM edges AS e
CROSS JOIN seen AS w
CROSS JOIN settings AS s
LEFT JOIN function_times AS a ON a.function_name = e.caller_function
LEFT JOIN function_times AS b ON b.function_name = e.callee_function
LEFT JOIN function_newest AS f ON f.function_name = e.caller_function
LEFT JOIN function_newest AS g ON g.function_name = e.callee_function
LEFT JOIN queues AS q
    ON q.caller_function = e.caller_function AND q.callee_function = e.callee_function
    AND q.kind = e.kind;
