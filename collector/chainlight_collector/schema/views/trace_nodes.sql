-- What does X-Ray show of each trace? One row per segment and subsegment; times in microseconds.
-- service: 'lambda' (the service, which knows the request), 'function' (the code), 'apigateway',
-- 'stepfunctions', 'appsync', 'sns', 'sqs', 's3', … by origin; NULL for subsegments. is_inferred:
-- X-Ray made it up from the caller's side. category says what the critical path charges it with.
CREATE OR REPLACE VIEW trace_nodes AS
WITH charged AS (
    SELECT trace_id, node_id, ANY_VALUE(category) AS category, SUM(length_us) AS critical_us
    FROM xray_path_rows
    GROUP BY trace_id, node_id
)
SELECT
    n.trace_id,
    n.node_id,
    n.parent_id,
    n.name,
    n.service,
    n.operation,
    n.target,
    n.request_id,
    n.attempt_number,
    make_timestamptz(n.started_us) AS started_at,
    n.started_us,
    n.ended_us,
    n.ended_us - n.started_us AS length_us,
    n.is_in_progress,
    n.is_inferred,
    n.is_error,
    n.is_fault,
    n.is_throttle,
    n.status_code,
    n.retries_count,
    c.category,
    COALESCE(c.critical_us, 0) AS critical_us,
    n.day
FROM xray_node_rows AS n
LEFT JOIN charged AS c ON c.trace_id = n.trace_id AND c.node_id = n.node_id;
