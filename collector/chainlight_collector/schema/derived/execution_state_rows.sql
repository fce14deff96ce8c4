-- What did each execution go through? One row per state entered (or durable operation).
-- Key: execution_arn, entered_id (the event). container_id: the Map or Parallel around it, item_index
-- its iteration there; branches_count: of a Parallel, items of a Map. state_type: 'Task', 'Map', 'Parallel', 'Wait', 'Choice', …; 'Step', 'Wait',
-- 'ChainedInvoke', 'Callback', 'Context' of durable functions. status: 'ok', 'caught' (failed, and a
-- Catch went on), 'error', 'timeout', 'aborted', 'running'. is_on_error: entered through a Catch.
-- is_unpaid: nothing is billed while it lasts (a Standard execution's every state).
CREATE TABLE IF NOT EXISTS execution_state_rows (
    execution_arn VARCHAR,
    entered_id BIGINT,
    container_id BIGINT,
    state_name VARCHAR,
    state_type VARCHAR,
    entered_us BIGINT,
    exited_us BIGINT,
    status VARCHAR,
    error_type VARCHAR,
    tries_count INTEGER,
    branches_count INTEGER,
    item_index BIGINT,
    is_on_error BOOLEAN,
    is_unpaid BOOLEAN,
    day DATE
);
