-- Why an invocation ran, settled: one row per cause of an invocation (one with cause_index 0 where no
-- record tells of any). weight: 1 / causes. call_id and caller are those of the strongest evidence,
-- NULL where nothing is known; chain_id is what the cause itself said. linkage, of functions only:
-- linked (a call is known), lost (something that we could know of has caused it: its record names a
-- caller or came by a message, or there is no record to tell), entry (it came from outside).
-- started_us: the invocation's first start, by which steps of derive skip all other times.
CREATE TABLE IF NOT EXISTS cause_rows (
    function_name VARCHAR,
    request_id VARCHAR,
    cause_index INTEGER,
    weight DOUBLE,
    chain_id VARCHAR,
    call_id VARCHAR,
    caller_function VARCHAR,
    caller_request_id VARCHAR,
    evidence VARCHAR,
    evidence_rank INTEGER,
    sent_us BIGINT,
    linkage VARCHAR,
    day DATE,
    started_us BIGINT
);
