-- What ran: one row per execution, put together from START, record, REPORT and error lines.
-- Key: function_name, request_id, attempt_number. started_us is NULL where no line had a time.
-- chain_id is the attempt's own after linking, recorded_chain_id what its record said; the chains it
-- belongs to, with shares, are in member_rows.
-- paid_idle_us: union of the waits for other functions inside the billed interval, less the CPU that
-- other threads used meanwhile; NULL without a record. other_wait_us: all other recorded waits.
CREATE TABLE IF NOT EXISTS attempt_rows (
    function_name VARCHAR,
    request_id VARCHAR,
    attempt_number INTEGER,
    function_arn VARCHAR,
    function_version VARCHAR,
    account_id VARCHAR,
    region VARCHAR,
    chain_id VARCHAR,
    recorded_chain_id VARCHAR,
    trace_root VARCHAR,
    started_us BIGINT,
    ended_us BIGINT,
    duration_us BIGINT,
    billed_ms BIGINT,
    memory_mb INTEGER,
    max_memory_used_mb INTEGER,
    init_us BIGINT,
    restore_us BIGINT,
    is_init_billed BOOLEAN,
    init_type VARCHAR,
    is_cold BOOLEAN,
    arch VARCHAR,
    outcome VARCHAR,
    error_type VARCHAR,
    source_kind VARCHAR,
    source_arn VARCHAR,
    causes_count INTEGER,
    receive_count INTEGER,
    has_start BOOLEAN,
    has_record BOOLEAN,
    has_report BOOLEAN,
    paid_idle_us BIGINT,
    other_wait_us BIGINT,
    idle_evidence VARCHAR,
    overhead_us BIGINT,
    sample_rate DOUBLE,
    log_group VARCHAR,
    log_stream VARCHAR,
    day DATE
);
