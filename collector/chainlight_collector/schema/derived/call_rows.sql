-- What left: one row per call_id (the final record wins over the one printed before a timeout).
-- target_name is the function, queue, topic … in the caller's words, without its ARN or URL.
-- ended_us: when the HTTP exchange ended, for an open call when its attempt ended.
-- paid_idle_us: this call's part of its attempt's paid idle; parts of one attempt add up to it.
CREATE TABLE IF NOT EXISTS call_rows (
    call_id VARCHAR,
    caller_function VARCHAR,
    caller_request_id VARCHAR,
    caller_attempt_number INTEGER,
    kind VARCHAR,
    target VARCHAR,
    target_name VARCHAR,
    operation VARCHAR,
    mode VARCHAR,
    started_us BIGINT,
    ended_us BIGINT,
    wait_us BIGINT,
    cpu_us BIGINT,
    paid_idle_us BIGINT,
    status_code INTEGER,
    outcome VARCHAR,
    error_type VARCHAR,
    tries_count INTEGER,
    payload_bytes BIGINT,
    response_bytes BIGINT,
    result_was_read BOOLEAN,
    natural_keys VARCHAR[],
    cause_index INTEGER,
    is_open BOOLEAN,
    day DATE
);
