-- What did each call do to each function it reached? Rows of every caller that is touched, or one of
-- whose callees is: all calls of a caller's invocation together, because the first one over an edge
-- is marked.
CREATE OR REPLACE TEMP TABLE moved_calls AS
SELECT call_id, caller_request_id FROM link_rows
WHERE callee_request_id IN (SELECT request_id FROM affected_requests)
UNION
SELECT call_id, caller_request_id FROM old_links
UNION
SELECT call_id, caller_request_id FROM call_rows
WHERE caller_request_id IN (SELECT request_id FROM touched_requests);

CREATE OR REPLACE TEMP TABLE moved_callers AS
SELECT request_id FROM touched_requests
UNION
SELECT caller_request_id AS request_id FROM moved_calls WHERE caller_request_id IS NOT NULL;

CREATE OR REPLACE TEMP TABLE edge_links AS
SELECT l.*
FROM link_rows AS l
WHERE l.caller_request_id IN (SELECT request_id FROM moved_callers)
    OR l.call_id IN (SELECT call_id FROM moved_calls);

INSERT INTO moved_days
SELECT DISTINCT day FROM edge_rows
WHERE caller_request_id IN (SELECT request_id FROM moved_callers)
    OR call_id IN (SELECT call_id FROM moved_calls);

DELETE FROM edge_rows
WHERE caller_request_id IN (SELECT request_id FROM moved_callers)
    OR call_id IN (SELECT call_id FROM moved_calls);

INSERT INTO edge_rows BY NAME
WITH callees AS (
    SELECT
        function_name,
        request_id,
        MAX(attempt_number) AS attempts_count,
        BOOL_OR(is_cold) FILTER (WHERE attempt_number = 1) AS is_cold,
        MAX_BY(outcome, attempt_number) IN ('error', 'timeout', 'crash', 'throttled') AS is_failed,
        SUM(duration_us) AS duration_us,
        MAX(account_id) AS account_id,
        MAX(region) AS region
    FROM attempt_rows
    WHERE request_id IN (SELECT callee_request_id FROM edge_links)
    GROUP BY function_name, request_id
),

reached AS (
    SELECT
        l.call_id,
        l.callee_function,
        MIN(l.caller_function) AS caller_function,
        MIN(l.caller_request_id) AS caller_request_id,
        MIN(l.kind) AS kind,
        MIN(l.mode) AS mode,
        BOOL_OR(l.is_callee_seen) AS is_callee_seen,
        BOOL_OR(l.is_on_error) AS is_on_error,
        MIN(l.sent_us) AS sent_us,
        MIN(l.queued_us) AS queued_us,
        COUNT(i.request_id) AS executions_count,
        COUNT(i.request_id) FILTER (WHERE i.is_cold) AS cold_count,
        COUNT(i.request_id) FILTER (WHERE i.is_failed) AS failed_executions_count,
        COUNT(i.request_id) FILTER (WHERE i.attempts_count > 1) AS retried_count,
        ROUND(SUM(l.share * i.attempts_count), 9) AS callee_requests_count,
        CAST(ROUND(SUM(l.share * i.duration_us)) AS BIGINT) AS callee_duration_us,
        MAX(i.account_id) AS account_id,
        MAX(i.region) AS region,
        MIN(l.day) AS day
    FROM edge_links AS l
    LEFT JOIN callees AS i
        ON i.request_id = l.callee_request_id AND i.function_name = l.callee_function
    GROUP BY l.call_id, l.callee_function
),

placed AS (
    SELECT
        *,
        COUNT(*) OVER (PARTITION BY call_id) AS functions_count,
        ROW_NUMBER() OVER (PARTITION BY call_id ORDER BY callee_function) AS function_number
    FROM reached
),

failures AS (
    SELECT
        caller_function, caller_request_id, caller_attempt_number,
        MIN(ended_us) FILTER (WHERE outcome <> 'ok') AS failed_us,
        MAX(started_us) AS last_us
    FROM call_rows
    WHERE caller_request_id IN (SELECT request_id FROM moved_callers)
    GROUP BY caller_function, caller_request_id, caller_attempt_number
),

callers AS (
    SELECT
        function_name, request_id, attempt_number, account_id, region, arch, memory_mb, init_type,
        source_kind
    FROM attempt_rows
    WHERE request_id IN (SELECT request_id FROM moved_callers)
),

joined AS (
    SELECT
        COALESCE(c.call_id, r.call_id) AS call_id,
        COALESCE(c.caller_function, r.caller_function) AS caller_function,
        COALESCE(c.caller_request_id, r.caller_request_id) AS caller_request_id,
        c.caller_attempt_number,
        COALESCE(r.callee_function, c.target_name) AS callee_function,
        c.target_name,
        COALESCE(c.kind, r.kind) AS kind,
        COALESCE(c.mode, r.mode) AS mode,
        CASE
            WHEN COALESCE(c.kind, r.kind) <> 'http' THEN COALESCE(c.kind, r.kind)
            WHEN c.target LIKE '%.execute-api.%' THEN 'apigw'
            WHEN c.target LIKE '%.lambda-url.%' THEN 'function_url'
            WHEN c.target LIKE '%.elb.%' THEN 'alb'
            ELSE 'http'
        END AS carrier,
        COALESCE(r.is_callee_seen, FALSE) AS is_callee_seen,
        COALESCE(c.started_us, r.sent_us) AS started_us,
        c.ended_us,
        c.wait_us,
        r.queued_us,
        c.paid_idle_us // COALESCE(r.functions_count, 1)
        + CASE
            WHEN c.paid_idle_us % COALESCE(r.functions_count, 1) >= r.function_number THEN 1 ELSE 0
        END AS paid_idle_us,
        c.outcome AS call_outcome,
        COALESCE(c.outcome <> 'ok', FALSE) OR COALESCE(
            r.failed_executions_count > 0 AND r.failed_executions_count = r.executions_count, FALSE
        ) AS is_failed,
        COALESCE(r.is_on_error, FALSE) AS is_caused_by_error,
        COALESCE(c.tries_count, 1) AS tries_count,
        COALESCE(r.functions_count, 1) AS functions_count,
        COALESCE(r.executions_count, 0) AS executions_count,
        COALESCE(r.cold_count, 0) AS cold_count,
        COALESCE(r.failed_executions_count, 0) AS failed_executions_count,
        COALESCE(r.retried_count, 0) AS retried_count,
        COALESCE(r.callee_requests_count, 0) AS callee_requests_count,
        r.callee_duration_us,
        c.payload_bytes,
        c.response_bytes,
        c.result_was_read,
        COALESCE(r.account_id, NULLIF(SPLIT_PART(c.target_arn, ':', 5), '')) AS callee_account_id,
        COALESCE(r.region, NULLIF(SPLIT_PART(c.target_arn, ':', 4), '')) AS callee_region,
        COALESCE(c.day, r.day) AS day
    FROM (
        SELECT *, CASE WHEN target LIKE 'arn:%' THEN target END AS target_arn
        FROM call_rows
        WHERE caller_request_id IN (SELECT request_id FROM moved_callers)
    ) AS c
    FULL OUTER JOIN placed AS r ON r.call_id = c.call_id
)

SELECT
    CAST('0x' || LEFT(MD5(CONCAT_WS(
        chr(1), COALESCE(j.caller_function, ''), j.callee_function, j.kind, j.mode
    )), 15) AS BIGINT) AS edge_id,
    j.* EXCLUDE (is_caused_by_error, ended_us),
    j.is_caused_by_error OR COALESCE(f.failed_us <= j.started_us, FALSE) AS is_on_error,
    ROW_NUMBER() OVER (
        PARTITION BY j.caller_function, COALESCE(j.caller_request_id, j.call_id),
            j.callee_function, j.kind, j.mode
        ORDER BY j.started_us NULLS LAST, j.call_id
    ) = 1 AS is_first,
    COALESCE(a.source_kind = 'appsync', FALSE) AS is_graphql,
    j.mode = 'sync' AND COALESCE(NOT j.result_was_read AND f.last_us >= j.ended_us, FALSE)
        AS is_barrier,
    a.account_id AS caller_account_id,
    a.region AS caller_region,
    a.arch AS caller_arch,
    a.memory_mb AS caller_memory_mb,
    a.init_type AS caller_init_type
FROM joined AS j
LEFT JOIN failures AS f
    ON f.caller_request_id = j.caller_request_id AND f.caller_function = j.caller_function
    AND f.caller_attempt_number = j.caller_attempt_number
LEFT JOIN callers AS a
    ON a.request_id = j.caller_request_id AND a.function_name = j.caller_function
    AND a.attempt_number = COALESCE(j.caller_attempt_number, 1)
ORDER BY j.started_us;

INSERT INTO moved_days
SELECT DISTINCT day FROM edge_rows
WHERE caller_request_id IN (SELECT request_id FROM moved_callers)
    OR call_id IN (SELECT call_id FROM moved_calls);

DROP TABLE moved_calls;
DROP TABLE moved_callers;
DROP TABLE edge_links;
DROP TABLE old_links;
