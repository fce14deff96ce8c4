-- What began: one row per START or platform.start line.
-- Natural key: log_group, log_stream, request_id, logged_us. Epoch microseconds in `_us`.
CREATE TABLE IF NOT EXISTS invocation_starts (
    log_group VARCHAR,
    log_stream VARCHAR,
    logged_us BIGINT,
    ingested_us BIGINT,
    function_name VARCHAR,
    function_arn VARCHAR,
    function_version VARCHAR,
    request_id VARCHAR,
    trace_root VARCHAR,
    day DATE
);
