-- What a workflow's history says: one row per event of a Step Functions execution, Standard (from
-- its history) or Express (from its log group). Natural key: execution_arn, event_id.
-- Inputs and outputs are not kept: only the ids in them that another side sees too. at_us is NULL
-- where the time was masked. execution_arn of a history that names none is made of its first event.
-- target: function, queue, topic, machine in the task's own words. items_count, item_index: of Map.
CREATE TABLE IF NOT EXISTS execution_events (
    execution_arn VARCHAR,
    event_id BIGINT,
    previous_event_id BIGINT,
    event_type VARCHAR,
    at_us BIGINT,
    state_name VARCHAR,
    resource_type VARCHAR,
    resource VARCHAR,
    target VARCHAR,
    is_event_invoke BOOLEAN,
    request_id VARCHAR,
    natural_key VARCHAR,
    error_type VARCHAR,
    items_count BIGINT,
    item_index BIGINT,
    seen_us BIGINT,
    day DATE
);
