-- Which executions of the touched requests does X-Ray show? Those that left lines are told by them, at
-- the same time; others become attempts of their own: no REPORT, nothing billed that is known. Of an
-- invocation without its function's segment the service's attempt is the execution.
CREATE OR REPLACE TEMP TABLE xray_executions AS
WITH shown AS (
    SELECT * FROM xray_node_rows
    WHERE request_id IN (SELECT request_id FROM touched_requests)
        AND (service IN ('lambda', 'function') OR name LIKE 'Attempt #%')
),

told AS (
    SELECT *, attempt_number AS number, 1 AS rank FROM shown WHERE service = 'function'
    UNION ALL
    SELECT
        *, TRY_CAST(REGEXP_EXTRACT(name, '(\d+)$', 1) AS INTEGER) AS number, 2 AS rank
    FROM shown
    WHERE name LIKE 'Attempt #%'
    UNION ALL
    SELECT *, 1 AS number, 3 AS rank
    FROM shown
    WHERE service = 'lambda' AND NOT is_event_invoke AND NOT is_throttle
),

inits AS (
    SELECT
        trace_id, parent_id, MAX(ended_us - started_us) AS init_us
    FROM xray_node_rows
    WHERE name IN ('Initialization', 'Init')
        AND request_id IN (SELECT request_id FROM touched_requests)
    GROUP BY trace_id, parent_id
),

services AS (
    SELECT trace_id, node_id, name, resource_arn FROM shown WHERE service = 'lambda'
),

ranked AS (
    SELECT
        t.trace_id,
        t.node_id,
        t.request_id,
        COALESCE(NULLIF(REGEXP_EXTRACT(
            COALESCE(s.resource_arn, t.resource_arn), ':function:([^:]+)', 1
        ), ''), s.name, t.name) AS function_name,
        COALESCE(s.resource_arn, t.resource_arn) AS function_arn,
        t.started_us,
        t.ended_us,
        t.is_error,
        t.is_fault,
        t.is_in_progress,
        t.error_type,
        i.init_us,
        t.rank,
        ROW_NUMBER() OVER (
            PARTITION BY t.request_id, COALESCE(t.number, 1)
            ORDER BY t.rank, t.is_in_progress, t.started_us, t.trace_id, t.node_id
        ) AS choice
    FROM told AS t
    LEFT JOIN services AS s ON s.trace_id = t.trace_id AND s.node_id = t.invocation_id
    LEFT JOIN inits AS i ON i.trace_id = t.trace_id AND i.parent_id = t.node_id
    WHERE t.request_id IS NOT NULL
)
SELECT * EXCLUDE (choice) FROM ranked WHERE choice = 1;

-- An execution with lines is the one that it overlaps most nearly; lines without any time are
-- taken for all that ran.
CREATE OR REPLACE TEMP TABLE xray_matches AS
SELECT
    x.trace_id,
    x.node_id,
    a.function_name,
    a.request_id,
    a.attempt_number,
    ROW_NUMBER() OVER (
        PARTITION BY x.trace_id, x.node_id
        ORDER BY ABS(a.started_us - x.started_us) NULLS LAST, a.attempt_number
    ) AS choice
FROM xray_executions AS x
INNER JOIN new_attempts AS a
    ON a.request_id = x.request_id AND a.function_name = x.function_name
WHERE a.started_us IS NULL OR (
    a.started_us <= COALESCE(x.ended_us, x.started_us) + 50000
    AND COALESCE(a.ended_us, a.started_us) >= x.started_us - 50000
);

UPDATE new_attempts
SET
    xray_owner = m.trace_id || '/' || m.node_id,
    trace_root = COALESCE(new_attempts.trace_root, m.trace_id)
FROM xray_matches AS m
WHERE m.choice = 1 AND new_attempts.request_id = m.request_id
    AND new_attempts.function_name = m.function_name
    AND new_attempts.attempt_number = m.attempt_number;

INSERT INTO new_attempts BY NAME
SELECT
    x.function_name,
    x.request_id,
    CAST(0 AS INTEGER) AS attempt_number,
    x.function_arn,
    NULLIF(SPLIT_PART(x.function_arn, ':', 5), '') AS account_id,
    NULLIF(SPLIT_PART(x.function_arn, ':', 4), '') AS region,
    x.trace_id AS trace_root,
    x.started_us,
    x.ended_us,
    x.ended_us - x.started_us AS duration_us,
    x.init_us,
    FALSE AS is_init_billed,
    CASE WHEN x.rank = 1 THEN x.init_us IS NOT NULL END AS is_cold,
    CASE
        WHEN x.is_fault OR x.is_error THEN 'error'
        WHEN x.is_in_progress THEN 'unknown'
        ELSE 'ok'
    END AS outcome,
    x.error_type,
    FALSE AS has_start,
    FALSE AS has_record,
    FALSE AS has_report,
    x.ended_us AS billed_end_us,
    CAST(make_timestamp(x.started_us) AS DATE) AS day,
    x.trace_id || '/' || x.node_id AS xray_owner,
    FALSE AS has_sdk_segments
FROM xray_executions AS x
ANTI JOIN xray_matches AS m ON m.trace_id = x.trace_id AND m.node_id = x.node_id;

UPDATE new_attempts SET attempt_number = counted.attempt_number
FROM (
    SELECT
        rowid AS place,
        CAST(ROW_NUMBER() OVER (
            PARTITION BY function_name, request_id
            ORDER BY started_us NULLS LAST, attempt_number, xray_owner
        ) AS INTEGER) AS attempt_number
    FROM new_attempts
    WHERE request_id IN (SELECT request_id FROM xray_executions)
) AS counted
WHERE new_attempts.rowid = counted.place;

DROP TABLE xray_executions;
DROP TABLE xray_matches;
