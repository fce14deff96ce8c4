-- What Lambda says it cost: one row per REPORT or platform.report line (or END / runtimeDone
-- where no report is visible: then billed_ms is NULL).
-- Natural key: log_group, log_stream, request_id, logged_us, duration_us, billed_ms, init_us, restore_us,
-- is_end.
-- is_end is true for a row of END or runtimeDone; it leaves when its REPORT comes.
-- logged_us is NULL for reports imported from text without a time.
CREATE TABLE IF NOT EXISTS invocation_reports (
    log_group VARCHAR,
    log_stream VARCHAR,
    logged_us BIGINT,
    ingested_us BIGINT,
    function_name VARCHAR,
    request_id VARCHAR,
    duration_us BIGINT,
    billed_ms BIGINT,
    memory_mb INTEGER,
    max_memory_used_mb INTEGER,
    init_us BIGINT,
    restore_us BIGINT,
    billed_restore_ms BIGINT,
    status VARCHAR,
    error_type VARCHAR,
    trace_root VARCHAR,
    segment_id VARCHAR,
    is_sampled BOOLEAN,
    day DATE,
    is_end BOOLEAN
);
