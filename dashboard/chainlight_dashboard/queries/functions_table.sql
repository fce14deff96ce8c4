-- How does each function do in the window? One row per function that ran in it or is configured,
-- most expensive first. Lengths in microseconds, money in US dollars a month of 30 days at the rate
-- of the observed days (at least one). Memory used is the most that any execution used.
-- columns: function_name, owner, invocations_count, failed_share, timeouts_count, throttled_count,
--   cold_share, duration_p95_us, max_memory_used_mb, memory_mb, cost_usd_month,
--   paid_idle_usd_month, is_async_target, dlq_arn, on_failure_arn, has_config, has_layer,
--   runtime, timeout_s
WITH chosen AS (
    SELECT * FROM attempts
    WHERE started_us >= $from_us AND started_us < $to_us
), extent AS (
    SELECT greatest(1.0, (max(started_us) - min(started_us)) / 86400e6) AS days FROM chosen
), ran AS (
    SELECT
        function_name,
        count(*) FILTER (attempt_number = 1) AS invocations_count,
        count(*) FILTER (outcome IN ('error', 'timeout', 'crash', 'throttled'))
            / nullif(count(*) FILTER (outcome <> 'unknown'), 0) AS failed_share,
        count(*) FILTER (outcome = 'timeout') AS timeouts_count,
        count(*) FILTER (outcome = 'throttled') AS throttled_count,
        count(*) FILTER (is_cold) / nullif(count(is_cold), 0) AS cold_share,
        quantile_cont(duration_us, 0.95)::BIGINT AS duration_p95_us,
        max(max_memory_used_mb) AS max_memory_used_mb,
        sum(cost_usd) / any_value(days) * 30 AS cost_usd_month,
        sum(paid_idle_usd) / any_value(days) * 30 AS paid_idle_usd_month
    FROM chosen CROSS JOIN extent
    GROUP BY function_name
)
SELECT
    functions.function_name, functions.owner, coalesce(ran.invocations_count, 0) AS invocations_count,
    ran.failed_share, ran.timeouts_count, ran.throttled_count, ran.cold_share,
    ran.duration_p95_us, ran.max_memory_used_mb, functions.memory_mb, ran.cost_usd_month,
    ran.paid_idle_usd_month, functions.is_async_target, functions.dlq_arn,
    functions.on_failure_arn, functions.timeout_s IS NOT NULL AS has_config,
    functions.has_layer, functions.runtime, functions.timeout_s
FROM functions
LEFT JOIN ran USING (function_name)
WHERE $text IS NULL OR contains(lower(functions.function_name), lower($text))
   OR contains(lower(functions.owner), lower($text))
ORDER BY ran.cost_usd_month DESC NULLS LAST, invocations_count DESC, functions.function_name
LIMIT 5000
