-- What do all rules look at? One row per edge with its window, thresholds, owners, both
-- configurations and both sides' totals. A rule is a macro over such a row (t01_… to t10_…).
-- window_days: from the first to the last attempt's day and a day at least: ten busy minutes are not
-- multiplied by 4,320. Months have 30 days: a figure of the window times month_factor is a month's.
-- is_unguarded: an event that fails for good is gone (neither DLQ nor on-failure destination; for a
-- queue: no redrive). is_unpaid_caller: it is no function (a state machine, an API stage), so nobody pays
-- while it waits. caller_p95_us: the p95 duration of the caller's worst day.
CREATE OR REPLACE VIEW finding_edges AS
WITH settings AS (
    SELECT
        MAX(value) FILTER (WHERE name = 'calls_min') AS calls_min,
        MAX(value) FILTER (WHERE name = 'saving_usd_month_min') AS saving_usd_month_min,
        MAX(value) FILTER (WHERE name = 'timeout_share_max') AS timeout_share_max,
        MAX(value) FILTER (WHERE name = 'failed_share_max') AS failed_share_max,
        MAX(value) FILTER (WHERE name = 'throttled_share_max') AS throttled_share_max,
        MAX(value) FILTER (WHERE name = 'retried_share_max') AS retried_share_max
    FROM thresholds
),

function_times AS (
    SELECT
        function_name,
        MAX_BY(memory_mb, day) AS memory_mb,
        CAST(SUM(own_us) AS BIGINT) AS own_us,
        CAST(SUM(duration_us) AS BIGINT) AS duration_us,
        CAST(SUM(attempts_count) AS BIGINT) AS attempts_count,
        CAST(SUM(failed_count) AS BIGINT) AS failed_count,
        CAST(SUM(throttled_count) AS BIGINT) AS throttled_count,
        MAX(duration_p95_us) AS duration_p95_us
    FROM function_day_rows
    GROUP BY function_name
),

totals AS (
    SELECT
        e.*,
        a.owner AS caller_owner,
        b.owner AS callee_owner,
        COALESCE(
            a.owner <> b.owner,
            e.crosses_account,
            CASE WHEN a.owner IS NULL AND b.owner IS NULL THEN e.crosses_region END,
            FALSE
        ) AS crosses_line
    FROM edge_totals_of(FALSE) AS e
    LEFT JOIN owners AS a ON a.function_name = e.caller_function
    LEFT JOIN owners AS b ON b.function_name = e.callee_function
),

foreigners AS (
    SELECT
        callee_function,
        COUNT(DISTINCT caller_function) FILTER (WHERE crosses_line) AS foreign_callers_count,
        COUNT(DISTINCT caller_function) AS callers_count
    FROM totals
    GROUP BY callee_function
),

roots AS (
    SELECT DISTINCT t.caller_function
    FROM totals AS t
    INNER JOIN graphql_roots AS g ON t.caller_function GLOB g.function_pattern
),

services AS (
    SELECT DISTINCT function_name FROM service_rows
),

late_entries AS (
    SELECT
        o.entry_function,
        QUANTILE_CONT(c.answered_us, 0.95) AS answered_p95_us,
        MAX(o.answered_p95_us) AS objective_us
    FROM latency_objectives AS o
    INNER JOIN chain_rows AS c ON c.entry_function = o.entry_function
    GROUP BY o.entry_function
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
    SELECT e.edge_id, BOOL_AND(r.dlq_arn IS NOT NULL) AS has_redrive
    FROM edge_targets AS e
    INNER JOIN redrives AS r ON r.queue_name = e.target_name
    WHERE e.kind = 'sqs'
    GROUP BY e.edge_id
),

unit_prices AS (
    SELECT
        region,
        MAX(price_usd) FILTER (WHERE item = 'lambda_request') AS one_request_usd,
        MAX(price_usd) FILTER (WHERE item = 'apigw_http_request') AS one_api_usd,
        MAX(price_usd) FILTER (WHERE item = 'sns_request') AS one_topic_usd,
        MAX(price_usd) FILTER (WHERE item = 'sqs_request') AS one_message_usd,
        MAX(price_usd) FILTER (WHERE item = 'stepfunctions_transition') AS one_transition_usd,
        MAX(price_usd) FILTER (WHERE item = 'durable_operation') AS one_operation_usd
    FROM rates
    WHERE valid_to = DATE '9999-12-31'
    GROUP BY region
)

SELECT
    t.*,
    w.*,
    s.*,
    u.* EXCLUDE (region),
    COALESCE(t.caller_owner, 'an unknown owner') AS from_owner,
    COALESCE(t.callee_owner, 'an unknown owner') AS to_owner,
    c.is_expensive AS is_expensive_by_setting,
    t.crosses_line AND COALESCE(c.is_expensive, t.crosses_account, FALSE) AS is_expensive,
    t.crosses_line AND COALESCE(c.is_expensive, t.crosses_account, FALSE) AND t.kind = 'lambda'
        AND t.calls_count >= s.calls_min AS wants_interface,
    n.foreign_callers_count,
    n.callers_count,
    r.caller_function IS NOT NULL OR t.graphql_count * 2 > t.calls_count AS is_graphql_root,
    COALESCE(a.memory_mb, f.memory_mb) AS caller_memory_mb,
    COALESCE(b.memory_mb, g.memory_mb) AS callee_memory_mb,
    v.function_name IS NOT NULL AND a.function_name IS NULL AS is_unpaid_caller,
    a.own_us AS caller_own_us,
    a.duration_p95_us AS caller_p95_us,
    f.timeout_s AS caller_timeout_s,
    b.duration_p95_us AS callee_p95_us,
    g.function_name IS NOT NULL AS has_callee_config,
    t.mode = 'async' AND (
        (t.kind IN ('lambda', 'sns', 'eventbridge', 's3') AND g.function_name IS NOT NULL
            AND g.dlq_arn IS NULL AND g.on_failure_arn IS NULL)
        OR COALESCE(NOT q.has_redrive, FALSE)
    ) AS is_unguarded,
    t.mode = 'sync' AND t.kind = 'lambda' AND t.result_known_count >= s.calls_min
        AND t.result_read_count = 0 AS is_result_unread,
    t.mode = 'async' AND t.kind IN ('lambda', 'sns', 'eventbridge', 's3')
        AND t.calls_count >= s.calls_min AND (
            t.throttled_count > s.throttled_share_max * t.calls_count
            OR COALESCE(b.throttled_count > s.throttled_share_max * b.attempts_count, FALSE)
            OR t.retried_count > s.retried_share_max * t.executions_count
            OR t.failed_executions_count > s.failed_share_max * t.executions_count
        ) AS wants_buffer,
    l.objective_us,
    l.answered_p95_us,
    COALESCE(
        a.duration_p95_us > s.timeout_share_max * f.timeout_s * 1000000.0, FALSE
    ) AS is_near_timeout,
    COALESCE(l.answered_p95_us > l.objective_us, FALSE) AS is_over_objective,
    printf('%d calls in %.2f days, a month is 30 days', t.calls_count, w.window_days) AS window_text
FROM totals AS t
CROSS JOIN observed_window AS w
CROSS JOIN settings AS s
LEFT JOIN unit_prices AS u ON u.region = COALESCE(t.from_region, '*')
LEFT JOIN foreigners AS n ON n.callee_function = t.callee_function
LEFT JOIN coordination_costs AS c
    ON (c.owner_a = t.caller_owner AND c.owner_b = t.callee_owner)
    OR (c.owner_a = t.callee_owner AND c.owner_b = t.caller_owner)
LEFT JOIN roots AS r ON r.caller_function = t.caller_function
LEFT JOIN services AS v ON v.function_name = t.caller_function
LEFT JOIN late_entries AS l ON l.entry_function = t.caller_function
LEFT JOIN function_times AS a ON a.function_name = t.caller_function
LEFT JOIN function_times AS b ON b.function_name = t.callee_function
LEFT JOIN function_newest AS f ON f.function_name = t.caller_function
LEFT JOIN function_newest AS g ON g.function_name = t.callee_function
LEFT JOIN queues AS q ON q.edge_id = t.edge_id;
