-- Which work outlived the caller that waited for it? One row per orphaned callee invocation.
-- Counted where the caller never got the answer (its call was open or given up) and the callee still
-- ran when the caller's attempt ended; microseconds after that end, and their cost in US dollars.
CREATE OR REPLACE VIEW orphans AS
SELECT
    l.caller_function,
    l.callee_function,
    l.callee_request_id,
    MAX(b.ended_us - GREATEST(a.ended_us, b.started_us)) AS orphan_us,
    SUM((b.ended_us - GREATEST(a.ended_us, b.started_us)) / 1000000.0 * b.second_usd)
        AS orphan_usd,
    MIN(l.caller_request_id) AS caller_request_id,
    MIN(l.call_id) AS call_id,
    MIN(a.ended_us) AS caller_ended_us,
    MIN(b.day) AS day
FROM link_rows AS l
INNER JOIN attempts AS a
    ON a.request_id = l.caller_request_id AND a.function_name = l.caller_function
    AND a.attempt_number = l.caller_attempt_number
INNER JOIN attempts AS b
    ON b.request_id = l.callee_request_id AND b.function_name = l.callee_function
WHERE l.mode = 'sync' AND NOT l.is_answered AND b.ended_us > a.ended_us
GROUP BY l.caller_function, l.callee_function, l.callee_request_id;
