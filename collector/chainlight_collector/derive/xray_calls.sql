-- What left the touched executions that have no record, and the services, as X-Ray saw it? One row per
-- subsegment that sets off work elsewhere, and per invocation that hangs on its caller's segment
-- itself (a caller without the SDK): then the wait is unknown. Where a record or a history tells of
-- the caller, its calls are those. All else a function waited for is added up per service.
CREATE OR REPLACE TEMP TABLE xray_callers AS
SELECT
    xray_owner AS owner, function_name, request_id, rowid AS attempt_row, attempt_number, started_us,
    COALESCE(billed_end_us, ended_us) AS end_us
FROM new_attempts
WHERE xray_owner IS NOT NULL AND NOT has_record
UNION ALL
SELECT
    n.trace_id || '/' || n.node_id AS owner, s.function_name, s.request_id, NULL AS attempt_row,
    NULL AS attempt_number, s.started_us, s.ended_us AS end_us
FROM service_rows AS s
INNER JOIN xray_node_rows AS n ON n.request_id = s.request_id AND n.node_id = n.owner_id
WHERE s.request_id IN (SELECT request_id FROM touched_requests)
    AND s.request_id NOT IN (SELECT execution_arn FROM execution_rows);

CREATE OR REPLACE TEMP TABLE xray_sent AS
SELECT
    c.*,
    n.trace_id,
    n.node_id,
    n.name,
    n.operation,
    n.target,
    n.started_us AS sent_us,
    n.ended_us,
    n.status_code,
    n.is_error,
    n.is_fault,
    n.is_throttle,
    n.error_type,
    n.retries_count,
    n.natural_keys,
    n.is_event_invoke,
    xray_kind_of(n.name, n.namespace, n.operation) AS kind
FROM xray_callers AS c
INNER JOIN xray_node_rows AS n
    ON n.trace_id = SPLIT_PART(c.owner, '/', 1) AND n.owner_id = SPLIT_PART(c.owner, '/', 2)
    AND n.call_node_id = n.node_id;

INSERT INTO new_calls BY NAME
SELECT
    trace_id || '/' || node_id AS call_id,
    function_name AS caller_function,
    request_id AS caller_request_id,
    attempt_number AS caller_attempt_number,
    attempt_row,
    kind,
    target,
    COALESCE(
        NULLIF(REGEXP_EXTRACT(target, ':function:([^:]+)', 1), ''),
        CASE WHEN kind = 'http' THEN target ELSE REGEXP_EXTRACT(target, '([^:/]+)$', 1) END
    ) AS target_name,
    COALESCE(operation, name) AS operation,
    CASE
        WHEN kind IN ('lambda', 'http') AND NOT is_event_invoke AND COALESCE(status_code, 200) <> 202
            THEN 'sync'
        ELSE 'async'
    END AS mode,
    sent_us AS started_us,
    ended_us,
    ended_us - sent_us AS wait_us,
    status_code,
    CASE
        WHEN ended_us IS NULL THEN 'open'
        WHEN is_throttle OR status_code = 429 THEN 'throttled'
        WHEN is_error OR is_fault OR status_code >= 400 THEN 'error'
        ELSE 'ok'
    END AS outcome,
    error_type,
    COALESCE(retries_count, 0) + 1 AS tries_count,
    natural_keys,
    CAST(0 AS INTEGER) AS cause_index,
    ended_us IS NULL AS is_open,
    started_us AS attempt_started_us,
    end_us AS attempt_end_us,
    CAST(make_timestamp(sent_us) AS DATE) AS day
FROM xray_sent
WHERE kind IS NOT NULL
UNION ALL BY NAME
SELECT
    n.trace_id || '/' || n.node_id AS call_id,
    c.function_name AS caller_function,
    c.request_id AS caller_request_id,
    c.attempt_number AS caller_attempt_number,
    c.attempt_row,
    'lambda' AS kind,
    n.resource_arn AS target,
    n.name AS target_name,
    'Invoke' AS operation,
    CASE WHEN n.is_event_invoke THEN 'async' ELSE 'sync' END AS mode,
    n.started_us,
    n.ended_us,
    CASE WHEN n.is_throttle THEN 'throttled' ELSE 'ok' END AS outcome,
    CAST(1 AS INTEGER) AS tries_count,
    [n.request_id] AS natural_keys,
    FALSE AS is_open,
    c.started_us AS attempt_started_us,
    c.started_us AS attempt_end_us,
    n.day
FROM xray_callers AS c
INNER JOIN xray_node_rows AS p
    ON p.trace_id = SPLIT_PART(c.owner, '/', 1) AND p.owner_id = SPLIT_PART(c.owner, '/', 2)
    AND p.call_node_id IS NULL
INNER JOIN xray_node_rows AS n
    ON n.trace_id = p.trace_id AND n.parent_id = p.node_id AND n.service = 'lambda'
    AND n.request_id IS NOT NULL;

UPDATE new_attempts
SET has_sdk_segments = TRUE, other_waits = s.other_waits
FROM (
    SELECT
        owner,
        CAST(to_json(MAP_FROM_ENTRIES(
            LIST({'k': service, 'v': [calls_count, wait_us]}) FILTER (service IS NOT NULL)
        )) AS VARCHAR) AS other_waits
    FROM (
        SELECT
            owner,
            CASE WHEN kind IS NULL THEN LOWER(name) END AS service,
            COUNT(*) AS calls_count,
            COALESCE(SUM(ended_us - sent_us), 0) AS wait_us
        FROM xray_sent
        WHERE attempt_number IS NOT NULL
        GROUP BY ALL
        ORDER BY ALL
    )
    GROUP BY owner
) AS s
WHERE new_attempts.xray_owner = s.owner AND NOT new_attempts.has_record;

DROP TABLE xray_sent;
DROP TABLE xray_callers;
