-- Why an execution ran, as the layer saw it: one row per record of its event.
-- Natural key: function_name, request_id, record_started_us, cause_index (from 0).
-- chain_id is the cause's own (filled in where the wire left it out).
CREATE TABLE IF NOT EXISTS record_causes (
    function_name VARCHAR,
    request_id VARCHAR,
    record_started_us BIGINT,
    cause_index INTEGER,
    causes_count INTEGER,
    chain_id VARCHAR,
    caller_request_id VARCHAR,
    call_id VARCHAR,
    natural_keys VARCHAR[],
    receive_count INTEGER,
    sent_us BIGINT,
    day DATE
);
