-- What do the touched traces and executions show besides functions? One row per execution and per
-- request of a service; what a history says of an execution goes before what X-Ray says.
CREATE OR REPLACE TEMP TABLE touched_services AS
SELECT request_id FROM touched_xray_requests
UNION
SELECT execution_arn AS request_id FROM touched_executions
UNION
SELECT UNNEST(natural_keys) AS request_id FROM execution_task_rows
WHERE execution_arn IN (SELECT execution_arn FROM touched_executions);

INSERT INTO touched_requests
SELECT request_id FROM touched_services
EXCEPT
SELECT request_id FROM touched_requests;

DELETE FROM service_rows WHERE request_id IN (SELECT request_id FROM touched_services);
INSERT INTO service_rows BY NAME
WITH told AS (
    SELECT
        machine_name AS function_name,
        execution_arn AS request_id,
        CASE kind WHEN 'durable' THEN 'durable' ELSE 'stepfunctions' END AS kind,
        started_us,
        ended_us,
        CASE status
            WHEN 'running' THEN 'unknown'
            WHEN 'aborted' THEN 'error'
            ELSE status
        END AS outcome,
        error_type,
        CAST(NULL AS VARCHAR) AS trace_root,
        1 AS rank
    FROM execution_rows
    WHERE execution_arn IN (SELECT request_id FROM touched_services)
    UNION ALL
    SELECT
        name AS function_name,
        request_id,
        service AS kind,
        started_us,
        ended_us,
        CASE
            WHEN is_error OR is_fault THEN 'error'
            WHEN ended_us IS NULL THEN 'unknown'
            ELSE 'ok'
        END AS outcome,
        error_type,
        trace_id AS trace_root,
        2 AS rank
    FROM xray_node_rows
    WHERE node_id = owner_id AND service NOT IN ('lambda', 'function')
        AND request_id IN (SELECT request_id FROM touched_services)
),

best AS (
    SELECT
        *,
        MAX(trace_root) OVER (PARTITION BY request_id) AS known_root,
        ROW_NUMBER() OVER (PARTITION BY request_id ORDER BY rank, started_us, function_name)
            AS choice
    FROM told
)
SELECT
    function_name, request_id, kind, started_us, ended_us, outcome, error_type,
    known_root AS trace_root, CAST(make_timestamp(started_us) AS DATE) AS day
FROM best
WHERE choice = 1;

DROP TABLE touched_services;
