-- What happened to an execution environment: one row per INIT_START, INIT_REPORT, RESTORE_START,
-- RESTORE_REPORT, EXTENSION or platform line that names no request (logsDropped, fault, …).
-- Natural key: log_group, log_stream, logged_us, kind, detail.
-- kind: 'init_start', 'init_report', 'init_runtime_done', 'restore_start', 'restore_runtime_done',
-- 'restore_report', 'extension', 'telemetry_subscription', 'logs_subscription', 'logs_dropped',
-- 'fault', and any other platform type in snake case. detail is the line's own rest (text or JSON).
CREATE TABLE IF NOT EXISTS environment_events (
    log_group VARCHAR,
    log_stream VARCHAR,
    logged_us BIGINT,
    ingested_us BIGINT,
    function_name VARCHAR,
    kind VARCHAR,
    init_type VARCHAR,
    phase VARCHAR,
    duration_us BIGINT,
    status VARCHAR,
    error_type VARCHAR,
    detail VARCHAR,
    day DATE
);
