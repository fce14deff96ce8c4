-- What a durable function's history says: one row per event. Natural key: execution_arn, event_id.
-- Payloads are not kept. operation_id is the event's Id (one step, wait or chained invoke has one for
-- all its events), parent_id that of the context around it. target: the chained function.
-- started_us, ended_us: of an InvocationCompleted; scheduled_end_us: of a wait.
CREATE TABLE IF NOT EXISTS durable_events (
    execution_arn VARCHAR,
    event_id BIGINT,
    event_type VARCHAR,
    sub_type VARCHAR,
    at_us BIGINT,
    operation_id VARCHAR,
    parent_id VARCHAR,
    operation_name VARCHAR,
    target VARCHAR,
    natural_key VARCHAR,
    request_id VARCHAR,
    started_us BIGINT,
    ended_us BIGINT,
    scheduled_end_us BIGINT,
    try_number INTEGER,
    error_type VARCHAR,
    seen_us BIGINT,
    day DATE
);
