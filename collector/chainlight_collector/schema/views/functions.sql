-- How does each function do? One row per function that is configured or has run; times in
-- microseconds, money in US dollars. Configuration is the newest observed, NULL where never read.
-- duration_p95_us is exact, of all attempts.
CREATE OR REPLACE VIEW functions AS
WITH ran AS (
    SELECT
        function_name,
        MAX_BY(account_id, day) AS account_id,
        MAX_BY(region, day) AS region,
        MAX_BY(arch, day) AS arch,
        MAX_BY(memory_mb, day) AS memory_mb,
        CAST(SUM(invocations_count) AS BIGINT) AS invocations_count,
        CAST(SUM(attempts_count) AS BIGINT) AS attempts_count,
        SUM(failed_count) * 1.0 / NULLIF(SUM(known_count), 0) AS error_share,
        SUM(cold_count) * 1.0 / NULLIF(SUM(cold_known_count), 0) AS cold_share,
        SUM(cost_usd) AS cost_usd,
        SUM(paid_idle_usd) AS paid_idle_usd,
        CAST(SUM(paid_idle_us) AS BIGINT) AS paid_idle_us,
        CAST(SUM(throttled_count) AS BIGINT) AS throttled_count,
        CAST(SUM(failed_count) AS BIGINT) AS failed_count,
        MAX(max_memory_used_mb) AS max_memory_used_mb,
        CAST(SUM(other_wait_us) AS BIGINT) AS other_wait_us,
        SUM(other_wait_usd) AS other_wait_usd,
        SUM(records_count) > 0 AS has_record,
        SUM(async_source_count) > 0 AS has_async_source
    FROM function_totals
    GROUP BY function_name
),

durations AS (
    SELECT
        function_name,
        ANY_VALUE(function_arn) AS function_arn,
        QUANTILE_CONT(duration_us, 0.95) AS duration_p95_us
    FROM attempt_rows
    GROUP BY function_name
),

async_targets AS (
    SELECT DISTINCT callee_function AS function_name
    FROM edge_day_rows
    WHERE mode = 'async' AND kind IN ('lambda', 'sns', 'eventbridge', 's3') AND executions_count > 0
)

SELECT
    COALESCE(r.function_name, f.function_name) AS function_name,
    COALESCE(f.function_arn, d.function_arn) AS function_arn,
    COALESCE(f.account_id, r.account_id) AS account_id,
    COALESCE(f.region, r.region) AS region,
    o.owner,
    f.runtime,
    COALESCE(f.arch, r.arch) AS arch,
    COALESCE(f.memory_mb, r.memory_mb) AS memory_mb,
    f.timeout_s,
    COALESCE(f.has_layer, FALSE) OR COALESCE(r.has_record, FALSE) AS has_layer,
    t.function_name IS NOT NULL OR COALESCE(r.has_async_source, FALSE) AS is_async_target,
    f.dlq_arn,
    f.on_failure_arn,
    f.max_retry_attempts,
    f.log_format,
    f.tracing_mode,
    COALESCE(r.invocations_count, 0) AS invocations_count,
    r.error_share,
    r.cold_share,
    CAST(ROUND(d.duration_p95_us) AS BIGINT) AS duration_p95_us,
    r.cost_usd,
    r.paid_idle_usd,
    COALESCE(r.attempts_count, 0) AS attempts_count,
    f.function_name IS NOT NULL AS has_config,
    f.reserved_concurrency,
    o.origin AS owner_origin,
    r.paid_idle_us,
    r.throttled_count,
    r.failed_count,
    r.max_memory_used_mb,
    r.other_wait_us,
    r.other_wait_usd
FROM ran AS r
FULL OUTER JOIN function_newest AS f ON f.function_name = r.function_name
LEFT JOIN durations AS d ON d.function_name = r.function_name
LEFT JOIN owners AS o ON o.function_name = COALESCE(r.function_name, f.function_name)
LEFT JOIN async_targets AS t ON t.function_name = COALESCE(r.function_name, f.function_name);
