-- How does each function do? One row per function that is configured or has run; times in
-- microseconds, money in US dollars. Configuration is the newest observed, NULL where never read.
CREATE OR REPLACE VIEW functions AS
WITH ran AS (
    SELECT
        function_name,
        ANY_VALUE(function_arn) AS function_arn,
        ANY_VALUE(account_id) AS account_id,
        ANY_VALUE(region) AS region,
        ANY_VALUE(arch) AS arch,
        MAX_BY(memory_mb, started_us) AS memory_mb,
        COUNT(DISTINCT request_id) AS invocations_count,
        COUNT(*) AS attempts_count,
        COUNT(*) FILTER (WHERE outcome IN ('error', 'timeout', 'crash', 'throttled')) * 1.0
            / NULLIF(COUNT(*) FILTER (WHERE outcome <> 'unknown'), 0) AS error_share,
        COUNT(*) FILTER (WHERE is_cold) * 1.0 / NULLIF(COUNT(is_cold), 0) AS cold_share,
        PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY duration_us) AS duration_p95_us,
        SUM(cost_usd) AS cost_usd,
        SUM(paid_idle_usd) AS paid_idle_usd,
        BOOL_OR(has_record) AS has_record,
        BOOL_OR(source_kind IN ('sns', 'eventbridge', 's3', 'schedule')) AS has_async_source
    FROM attempts
    GROUP BY function_name
),

async_targets AS (
    SELECT DISTINCT callee_function AS function_name
    FROM link_rows
    WHERE mode = 'async' AND kind IN ('lambda', 'sns', 'eventbridge', 's3')
)

SELECT
    COALESCE(r.function_name, f.function_name) AS function_name,
    COALESCE(f.function_arn, r.function_arn) AS function_arn,
    COALESCE(f.account_id, r.account_id) AS account_id,
    COALESCE(f.region, r.region) AS region,
    f.owner,
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
    CAST(ROUND(r.duration_p95_us) AS BIGINT) AS duration_p95_us,
    r.cost_usd,
    r.paid_idle_usd,
    COALESCE(r.attempts_count, 0) AS attempts_count,
    f.function_name IS NOT NULL AS has_config,
    f.reserved_concurrency
FROM ran AS r
FULL OUTER JOIN function_newest AS f ON f.function_name = r.function_name
LEFT JOIN async_targets AS t ON t.function_name = COALESCE(r.function_name, f.function_name);
