-- Which queue or stream feeds which function, and how: one row per mapping and change.
-- Natural key: mapping_id, observed_us; a row is added only where it differs from the newest.
-- state is AWS's word, 'Deleted' where the mapping is no longer listed. max_retry_attempts -1: until
-- the record expires.
CREATE TABLE IF NOT EXISTS event_source_mappings (
    mapping_id VARCHAR,
    function_name VARCHAR,
    function_arn VARCHAR,
    event_source_arn VARCHAR,
    state VARCHAR,
    batch_size_count INTEGER,
    batch_window_s INTEGER,
    max_concurrency INTEGER,
    max_retry_attempts INTEGER,
    max_record_age_s INTEGER,
    parallelization_factor INTEGER,
    bisects_on_error BOOLEAN,
    reports_item_failures BOOLEAN,
    on_failure_arn VARCHAR,
    observed_us BIGINT,
    day DATE
);
