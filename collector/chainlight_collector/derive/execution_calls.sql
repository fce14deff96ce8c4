-- What left the touched executions of workflows and durable functions? One row per try of a task;
-- its id is that of the execution and the event, with a # between. Nothing is paid while it waits.
-- A chained invoke that the record of its function tells of is that record's call.
INSERT INTO new_calls BY NAME
SELECT
    t.execution_arn || '#' || t.scheduled_id AS call_id,
    e.machine_name AS caller_function,
    t.execution_arn AS caller_request_id,
    t.kind,
    t.target,
    COALESCE(
        NULLIF(REGEXP_EXTRACT(t.target, ':function:([^:]+)', 1), ''),
        REGEXP_EXTRACT(t.target, '([^:/]+)$', 1)
    ) AS target_name,
    t.resource AS operation,
    t.mode,
    t.scheduled_us AS started_us,
    COALESCE(t.ended_us, e.ended_us) AS ended_us,
    t.ended_us - t.scheduled_us AS wait_us,
    t.outcome,
    t.error_type,
    CAST(1 AS INTEGER) AS tries_count,
    t.natural_keys,
    CAST(0 AS INTEGER) AS cause_index,
    t.outcome = 'open' AS is_open,
    t.day
FROM (
    SELECT *, LIST_FILTER(
        natural_keys, lambda each: STARTS_WITH(each, execution_arn || '#')
    )[1] AS operation_key
    FROM execution_task_rows
    WHERE kind IS NOT NULL AND execution_arn IN (SELECT request_id FROM touched_requests)
) AS t
INNER JOIN execution_rows AS e ON e.execution_arn = t.execution_arn
ANTI JOIN (
    SELECT UNNEST(natural_keys) AS natural_key FROM record_calls WHERE kind = 'durable'
) AS r ON r.natural_key = t.operation_key;
