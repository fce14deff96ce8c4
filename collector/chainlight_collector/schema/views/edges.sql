-- Which function calls which, how, and what does waiting for it cost?
-- One row per (caller, callee, kind, mode) over all data; times in microseconds, money in US dollars
-- at list price. call_share: the part of the caller's invocations in which the call happens.
-- payload_p99_bytes stands against payload_limit_bytes. crosses_*: NULL where one side is unknown.
CREATE OR REPLACE VIEW edges AS
SELECT * EXCLUDE (day) FROM edges_of(FALSE);
