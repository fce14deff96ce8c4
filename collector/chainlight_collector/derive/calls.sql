-- What left the touched executions? One row per call_id, the final record's before an earlier one's.
CREATE OR REPLACE TEMP TABLE new_calls AS
WITH told AS NOT MATERIALIZED (
    SELECT * FROM record_calls
    WHERE record_started_us >= getvariable('touched_from_us')
        AND request_id IN (SELECT request_id FROM touched_requests)
),

repeated AS (SELECT call_id FROM told GROUP BY call_id HAVING COUNT(*) > 1),

ranked AS (
    SELECT *, 1 AS choice FROM told ANTI JOIN repeated USING (call_id)
    UNION ALL
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY call_id
            ORDER BY
                COALESCE(is_open, FALSE), wait_us DESC NULLS LAST, started_us, request_id,
                function_name, record_started_us
        ) AS choice
    FROM told
    SEMI JOIN repeated USING (call_id)
),

placed AS (
    SELECT
        r.*,
        a.rowid AS attempt_row,
        a.attempt_number,
        a.started_us AS attempt_started_us,
        COALESCE(a.billed_end_us, a.ended_us) AS attempt_end_us,
        CASE
            WHEN r.is_async OR r.kind IN ('sqs', 'sns', 'eventbridge', 'kinesis', 'dynamodb', 's3')
                THEN 'async'
            ELSE 'sync'
        END AS mode
    FROM ranked AS r
    LEFT JOIN new_attempts AS a
        ON a.request_id = r.request_id AND a.function_name = r.function_name
        AND a.started_us = r.record_started_us AND a.has_record
    WHERE r.choice = 1
)

SELECT
    call_id,
    function_name AS caller_function,
    request_id AS caller_request_id,
    attempt_number AS caller_attempt_number,
    kind,
    target,
    CASE
        WHEN kind = 'http' THEN target
        WHEN kind = 'lambda' AND target LIKE '%:function:%'
            THEN SPLIT_PART(SPLIT_PART(target, ':function:', 2), ':', 1)
        WHEN kind = 'lambda' THEN SPLIT_PART(target, ':', 1)
        WHEN target LIKE 'arn:%' OR target LIKE 'http%' THEN REGEXP_EXTRACT(target, '([^:/]+)$', 1)
        ELSE target
    END AS target_name,
    operation,
    mode,
    started_us,
    CASE
        WHEN is_open THEN GREATEST(started_us, attempt_end_us)
        ELSE started_us + COALESCE(wait_us, 0)
    END AS ended_us,
    CASE
        WHEN is_open THEN COALESCE(GREATEST(attempt_end_us - started_us, 0), wait_us) ELSE wait_us
    END AS wait_us,
    cpu_us,
    status_code,
    CASE
        WHEN is_open THEN 'open'
        WHEN status_code = 429 OR error_type LIKE '%Throttl%' OR error_type LIKE '%TooManyRequests%'
            THEN 'throttled'
        WHEN error_type LIKE '%Timeout%' AND error_type LIKE '%Error' THEN 'timeout'
        WHEN error_type IS NOT NULL OR status_code >= 400 THEN 'error'
        ELSE 'ok'
    END AS outcome,
    error_type,
    COALESCE(tries_count, 1) AS tries_count,
    payload_bytes,
    response_bytes,
    result_was_read,
    COALESCE(natural_keys, []) AS natural_keys,
    cause_index,
    COALESCE(is_open, FALSE) AS is_open,
    attempt_row,
    attempt_started_us,
    attempt_end_us,
    CAST(make_timestamp(started_us) AS DATE) AS day
FROM placed;
