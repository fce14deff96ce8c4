-- What did each execution ask others to do? One row per try of a task (a retry is a new one).
-- Key: execution_arn, scheduled_id (the event). kind as in calls, NULL for tasks that start nothing
-- that is traced here; 'durable' for an invocation of the durable function itself.
-- natural_keys: the callee's request id, a message id, the ARN of a started execution.
CREATE TABLE IF NOT EXISTS execution_task_rows (
    execution_arn VARCHAR,
    scheduled_id BIGINT,
    entered_id BIGINT,
    state_name VARCHAR,
    try_number INTEGER,
    kind VARCHAR,
    resource VARCHAR,
    target VARCHAR,
    mode VARCHAR,
    scheduled_us BIGINT,
    ended_us BIGINT,
    outcome VARCHAR,
    error_type VARCHAR,
    natural_keys VARCHAR[],
    is_on_error BOOLEAN,
    day DATE
);
