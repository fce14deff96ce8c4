-- Which call caused which invocation, and how do we know? One row per (call, caused invocation).
-- share: the part of the invocation's causes this call accounts for. queued_us: microseconds from
-- the call to the first start; NULL where the clocks disagree (has_skew).
CREATE OR REPLACE VIEW links AS
SELECT
    call_id,
    caller_function,
    caller_request_id,
    callee_function,
    callee_request_id,
    evidence,
    share,
    queued_us,
    caller_attempt_number,
    kind,
    mode,
    sent_us,
    has_skew,
    is_callee_seen,
    is_answered,
    day
FROM link_rows;
