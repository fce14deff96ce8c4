-- What the layer saw leave: one row per call of a record line.
-- Natural key: call_id, started_us. started_us is the instant of the first HTTP exchange;
-- record_started_us, request_id and function_name name the execution that made the call.
CREATE TABLE IF NOT EXISTS record_calls (
    call_id VARCHAR,
    function_name VARCHAR,
    request_id VARCHAR,
    record_started_us BIGINT,
    kind VARCHAR,
    target VARCHAR,
    operation VARCHAR,
    is_async BOOLEAN,
    started_us BIGINT,
    wait_us BIGINT,
    cpu_us BIGINT,
    status_code INTEGER,
    error_type VARCHAR,
    natural_keys VARCHAR[],
    tries_count INTEGER,
    payload_bytes BIGINT,
    response_bytes BIGINT,
    result_was_read BOOLEAN,
    cause_index INTEGER,
    is_open BOOLEAN,
    day DATE
);
