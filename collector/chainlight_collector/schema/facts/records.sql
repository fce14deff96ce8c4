-- What the layer saw: one row per record line (parts of a split line are one row).
-- Natural key: function_arn, request_id, started_us. JSON columns are text.
CREATE TABLE IF NOT EXISTS records (
    log_group VARCHAR,
    log_stream VARCHAR,
    logged_us BIGINT,
    ingested_us BIGINT,
    chain_id VARCHAR,
    request_id VARCHAR,
    function_name VARCHAR,
    function_arn VARCHAR,
    function_version VARCHAR,
    account_id VARCHAR,
    region VARCHAR,
    memory_mb INTEGER,
    arch VARCHAR,
    init_type VARCHAR,
    is_cold BOOLEAN,
    started_us BIGINT,
    ended_us BIGINT,
    outcome VARCHAR,
    error_type VARCHAR,
    source_kind VARCHAR,
    source_arn VARCHAR,
    trace_root VARCHAR,
    causes_count INTEGER,
    calls_count INTEGER,
    other_waits VARCHAR,
    annotations VARCHAR,
    dropped VARCHAR,
    overhead_us BIGINT,
    sample_rate DOUBLE,
    day DATE,
    owner VARCHAR,
    line_bytes INTEGER
);
ALTER TABLE records ADD COLUMN IF NOT EXISTS owner VARCHAR;
ALTER TABLE records ADD COLUMN IF NOT EXISTS line_bytes INTEGER;
