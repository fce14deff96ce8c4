-- What went wrong outside a report: one row per timeout, crash or application error line.
-- kind: 'timeout', 'crash', 'application'. Natural key: log_group, log_stream, request_id, logged_us, kind,
-- error_type, error_message. request_id is NULL where the line names none (Python's own last words);
-- error_message is its first line, 1,024 characters at most.
CREATE TABLE IF NOT EXISTS invocation_errors (
    log_group VARCHAR,
    log_stream VARCHAR,
    logged_us BIGINT,
    ingested_us BIGINT,
    function_name VARCHAR,
    request_id VARCHAR,
    kind VARCHAR,
    error_type VARCHAR,
    error_message VARCHAR,
    day DATE
);
