-- What did each execution go through? One row per state entered, or per operation of a durable
-- function; times in microseconds. state_id is the event that entered it, container_id that of the
-- Map or Parallel around it, item_index its iteration there; branches_count: branches of a Parallel, items of a Map.
-- tries_count: 1 and its retries. status: 'ok', 'caught' (a Catch went on), 'error', 'timeout',
-- 'aborted', 'running'. is_on_error: entered through a Catch. is_unpaid: nothing is billed by the
-- time it lasts. request_ids: the invocations that its tasks were, as far as they said so.
CREATE OR REPLACE VIEW execution_states AS
WITH asked AS (
    SELECT
        execution_arn,
        entered_id,
        MIN_BY(resource, scheduled_id) AS resource,
        MIN_BY(target, scheduled_id) AS target,
        FLATTEN(LIST(natural_keys ORDER BY scheduled_id)) AS request_ids
    FROM execution_task_rows
    GROUP BY execution_arn, entered_id
)

SELECT
    s.execution_arn,
    e.machine_name,
    s.entered_id AS state_id,
    s.container_id,
    s.state_name,
    s.state_type,
    make_timestamptz(s.entered_us) AS entered_at,
    s.entered_us,
    s.exited_us,
    s.exited_us - s.entered_us AS length_us,
    s.status,
    s.error_type,
    s.tries_count,
    s.branches_count,
    s.item_index,
    s.is_on_error,
    s.is_unpaid,
    a.resource,
    a.target,
    COALESCE(a.request_ids, []) AS request_ids,
    s.day
FROM execution_state_rows AS s
INNER JOIN execution_rows AS e ON e.execution_arn = s.execution_arn
LEFT JOIN asked AS a ON a.execution_arn = s.execution_arn AND a.entered_id = s.entered_id;
