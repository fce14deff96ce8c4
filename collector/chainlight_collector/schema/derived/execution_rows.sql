-- How did each execution of a workflow go? One row per execution, of Step Functions or of a durable
-- function. Key: execution_arn. kind: 'standard', 'express', 'durable'. status: 'ok', 'error',
-- 'timeout', 'aborted', 'running'. transitions_count: states entered and their retries, which is
-- what Standard bills. events_count stands against the 25,000 of a Standard history.
CREATE TABLE IF NOT EXISTS execution_rows (
    execution_arn VARCHAR,
    machine_name VARCHAR,
    kind VARCHAR,
    started_us BIGINT,
    ended_us BIGINT,
    status VARCHAR,
    error_type VARCHAR,
    states_count BIGINT,
    retries_count BIGINT,
    caught_count BIGINT,
    transitions_count BIGINT,
    events_count BIGINT,
    day DATE
);
