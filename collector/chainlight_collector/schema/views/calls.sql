-- What left each execution? One row per outgoing call; times in microseconds.
-- outcome: 'ok', 'error', 'throttled', 'timeout' (the client gave up), 'open' (never answered).
-- natural_key is the first of natural_keys: an id that the other side sees too.
CREATE OR REPLACE VIEW calls AS
SELECT
    call_id,
    caller_function,
    caller_request_id,
    caller_attempt_number,
    kind,
    target,
    operation,
    mode,
    started_us,
    wait_us,
    cpu_us,
    tries_count,
    outcome,
    error_type,
    payload_bytes,
    response_bytes,
    result_was_read,
    natural_keys[1] AS natural_key,
    target_name,
    status_code,
    paid_idle_us,
    ended_us,
    natural_keys,
    cause_index,
    is_open,
    day
FROM call_rows;
