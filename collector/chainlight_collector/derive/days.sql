-- What did each function and each edge do on the days that moved? Whole days are added up anew: a
-- day of a million executions takes 0.2 s, and sums that are patched would not be the sums. The day in
-- which a slice of time ends is left to the next slice, whatever that one touches: derive_backlog
-- notes it.
INSERT INTO moved_days
SELECT DISTINCT day FROM since('attempt_rows', getvariable('affected_from_us'))
WHERE request_id IN (SELECT request_id FROM affected_requests);

CREATE OR REPLACE TEMP TABLE days_anew AS
SELECT DISTINCT COALESCE(day, DATE '9999-12-30') AS day
FROM (
    SELECT day FROM moved_days
    UNION ALL
    SELECT CAST(make_timestamp(since_us) AS DATE) FROM derive_backlog
    WHERE since_us > -4611686018427387904
)
WHERE COALESCE(day <> CAST(make_timestamp(getvariable('days_until_us')) AS DATE), TRUE);

DELETE FROM function_day_rows
WHERE COALESCE(day, DATE '9999-12-30') IN (SELECT day FROM days_anew);

INSERT INTO function_day_rows BY NAME
WITH named AS (
    SELECT function_name, day, MAX_BY(owner, (started_us, owner)) AS owner
    FROM records
    WHERE owner IS NOT NULL AND day IN (SELECT day FROM days_anew)
    GROUP BY function_name, day
),

ran AS (
    SELECT
        function_name,
        account_id,
        region,
        arch,
        memory_mb,
        init_type,
        COUNT(*) AS attempts_count,
        COUNT(*) FILTER (WHERE attempt_number = 1) AS invocations_count,
        COUNT(*) FILTER (WHERE outcome IN ('error', 'timeout', 'crash', 'throttled')) AS failed_count,
        COUNT(*) FILTER (WHERE outcome <> 'unknown') AS known_count,
        COUNT(*) FILTER (WHERE outcome = 'throttled') AS throttled_count,
        COUNT(*) FILTER (WHERE is_cold) AS cold_count,
        COUNT(is_cold) AS cold_known_count,
        COUNT(*) FILTER (WHERE has_record) AS records_count,
        COUNT(*) FILTER (WHERE has_report) AS reports_count,
        COUNT(*) FILTER (WHERE sample_rate < 1) AS sampled_count,
        MIN(started_us) FILTER (WHERE NOT has_report AND NOT has_record) AS first_gap_us,
        COUNT(*) FILTER (WHERE restore_us > 0) AS restores_count,
        COUNT(*) FILTER (WHERE source_kind IN ('sns', 'eventbridge', 's3', 'schedule'))
            AS async_source_count,
        COUNT(*) FILTER (WHERE attempt_number > 1) AS retried_count,
        CAST(SUM(billed_ms) AS BIGINT) AS billed_ms,
        CAST(SUM(
            CASE WHEN billed_ms IS NOT NULL THEN (duration_us + 99999) // 100000 * 100 END
        ) AS BIGINT) AS billed_2020_ms,
        COUNT(billed_ms) AS billed_known_count,
        CAST(SUM(duration_us) AS BIGINT) AS duration_us,
        CAST(SUM(duration_us - paid_idle_us) AS BIGINT) AS own_us,
        CAST(SUM(paid_idle_us) AS BIGINT) AS paid_idle_us,
        CAST(SUM(other_wait_us) AS BIGINT) AS other_wait_us,
        CAST(SUM(overhead_us) AS BIGINT) AS overhead_us,
        CAST(SUM(init_us) AS BIGINT) AS init_us,
        MIN(started_us) AS first_us,
        MAX(GREATEST(started_us, COALESCE(ended_us, started_us))) AS last_us,
        MAX(max_memory_used_mb) AS max_memory_used_mb,
        CAST(ROUND(PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY duration_us)) AS BIGINT)
            AS duration_p95_us,
        day
    FROM attempt_rows
    WHERE COALESCE(day, DATE '9999-12-30') IN (SELECT day FROM days_anew)
    GROUP BY function_name, account_id, region, arch, memory_mb, init_type, day
)

SELECT r.*, n.owner
FROM ran AS r
LEFT JOIN named AS n ON n.function_name = r.function_name AND n.day = r.day
ORDER BY r.day, r.function_name;

DELETE FROM edge_day_rows
WHERE COALESCE(day, DATE '9999-12-30') IN (SELECT day FROM days_anew);

INSERT INTO edge_day_rows BY NAME
SELECT
    edge_id,
    caller_function,
    callee_function,
    target_name,
    kind,
    mode,
    carrier,
    caller_account_id,
    caller_region,
    caller_arch,
    caller_memory_mb,
    caller_init_type,
    callee_account_id,
    callee_region,
    BOOL_OR(is_callee_seen) AS is_callee_seen,
    COUNT(*) AS calls_count,
    COUNT(*) FILTER (WHERE is_failed) AS failed_count,
    COUNT(*) FILTER (WHERE is_on_error) AS on_error_count,
    COUNT(*) FILTER (WHERE call_outcome = 'throttled') AS throttled_count,
    COUNT(*) FILTER (WHERE is_graphql) AS graphql_count,
    CAST(SUM(tries_count) AS BIGINT) AS tries_count,
    ROUND(SUM(tries_count * GREATEST(1.0, CEIL(COALESCE(payload_bytes, 0) / CASE
        WHEN carrier IN ('sqs', 'sns', 'eventbridge') THEN 65536.0
        WHEN carrier = 'kinesis' THEN 25600.0
        ELSE 1e18
    END)) / functions_count), 9) AS carrier_requests_count,
    COUNT(*) FILTER (WHERE is_first) AS caller_invocations_count,
    CAST(SUM(executions_count) AS BIGINT) AS executions_count,
    CAST(SUM(cold_count) AS BIGINT) AS cold_count,
    CAST(SUM(failed_executions_count) AS BIGINT) AS failed_executions_count,
    CAST(SUM(retried_count) AS BIGINT) AS retried_count,
    ROUND(SUM(callee_requests_count), 9) AS callee_requests_count,
    CAST(SUM(callee_duration_us) AS BIGINT) AS callee_duration_us,
    CAST(SUM(wait_us) AS BIGINT) AS wait_us,
    CAST(SUM(queued_us) AS BIGINT) AS queued_us,
    CAST(SUM(paid_idle_us) AS BIGINT) AS paid_idle_us,
    CAST(SUM(payload_bytes) AS BIGINT) AS payload_bytes,
    MAX(payload_bytes) AS payload_max_bytes,
    COUNT(result_was_read) AS result_known_count,
    COUNT(*) FILTER (WHERE result_was_read) AS result_read_count,
    COUNT(*) FILTER (WHERE is_barrier) AS barrier_count,
    day
FROM edge_rows
WHERE COALESCE(day, DATE '9999-12-30') IN (SELECT day FROM days_anew)
GROUP BY
    edge_id, caller_function, callee_function, target_name, kind, mode, carrier, caller_account_id, caller_region,
    caller_arch, caller_memory_mb, caller_init_type, callee_account_id, callee_region, day
ORDER BY day, edge_id;

DROP TABLE moved_days;
DROP TABLE days_anew;
DROP TABLE affected_requests;
DROP TABLE touched_requests;
