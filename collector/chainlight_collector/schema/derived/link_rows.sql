-- What caused what: one row per (call, caused invocation), with the strongest evidence for it.
-- share: the part of the callee's causes that this call accounts for (1 unless it is a batch).
-- queued_us: from the call (else from the time the carrier noted) to the callee's first start;
-- NULL with has_skew where the clocks disagree. is_callee_seen: false where AWS accepted the call
-- and no line of the callee has been read: then callee_function is the name the caller used.
-- is_on_error: a failure of the caller itself set it off (destination, dead-letter queue, Catch);
-- then call_id is the failed invocation's request id, because no call was made.
-- The caller is NULL where only the callee's in-band context tells of it. reached_us: the callee's
-- first start, of one that was never seen sent_us: by it steps of derive skip all other times.
CREATE TABLE IF NOT EXISTS link_rows (
    call_id VARCHAR,
    caller_function VARCHAR,
    caller_request_id VARCHAR,
    caller_attempt_number INTEGER,
    callee_function VARCHAR,
    callee_request_id VARCHAR,
    evidence VARCHAR,
    share DOUBLE,
    kind VARCHAR,
    mode VARCHAR,
    sent_us BIGINT,
    queued_us BIGINT,
    has_skew BOOLEAN,
    is_callee_seen BOOLEAN,
    is_answered BOOLEAN,
    day DATE,
    is_on_error BOOLEAN,
    reached_us BIGINT
);
