-- How a function is configured: one row per function and change. The newest observed_us is current.
-- Natural key: function_arn, observed_us; a row is added only where it differs from the newest.
-- event_source_arns are the queues, streams and topics mapped to it; env_names never values.
CREATE TABLE IF NOT EXISTS function_configs (
    function_name VARCHAR,
    function_arn VARCHAR,
    account_id VARCHAR,
    region VARCHAR,
    owner VARCHAR,
    runtime VARCHAR,
    arch VARCHAR,
    memory_mb INTEGER,
    timeout_s INTEGER,
    has_layer BOOLEAN,
    dlq_arn VARCHAR,
    on_failure_arn VARCHAR,
    on_success_arn VARCHAR,
    max_retry_attempts INTEGER,
    max_event_age_s INTEGER,
    log_group VARCHAR,
    log_format VARCHAR,
    system_log_level VARCHAR,
    tracing_mode VARCHAR,
    reserved_concurrency INTEGER,
    event_source_arns VARCHAR[],
    tags VARCHAR,
    observed_us BIGINT,
    day DATE
);
-- recursive_loop: 'Terminate' or 'Allow' (what Lambda does about a loop). provisioned_concurrency: as
-- requested, over all versions and aliases; NULL where there is none.
ALTER TABLE function_configs ADD COLUMN IF NOT EXISTS application_log_level VARCHAR;
ALTER TABLE function_configs ADD COLUMN IF NOT EXISTS recursive_loop VARCHAR;
ALTER TABLE function_configs ADD COLUMN IF NOT EXISTS provisioned_concurrency INTEGER;
