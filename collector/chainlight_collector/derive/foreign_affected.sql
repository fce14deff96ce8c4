-- Whose causes may be told by another's trace or history? Besides those affected already: functions
-- without a record in a trace that a touched execution is in, and those that ran while a touched
-- task waited for them and said no request id. None of them began before affected_from_us then, either.
INSERT INTO affected_requests
SELECT a.request_id
FROM attempt_rows AS a
WHERE NOT a.has_record AND a.trace_root IN (
    SELECT trace_root FROM since('attempt_rows', getvariable('touched_from_us'))
    WHERE request_id IN (SELECT request_id FROM touched_requests)
    UNION
    SELECT recorded_chain_id FROM since('attempt_rows', getvariable('touched_from_us'))
    WHERE request_id IN (SELECT request_id FROM touched_requests)
)
UNION
SELECT a.request_id
FROM execution_task_rows AS t
INNER JOIN attempt_rows AS a
    ON a.started_us >= t.scheduled_us - 50000 AND a.started_us <= t.ended_us
    AND a.function_name = COALESCE(
        NULLIF(REGEXP_EXTRACT(t.target, ':function:([^:]+)', 1), ''), t.target
    )
WHERE t.kind = 'lambda' AND t.execution_arn IN (SELECT request_id FROM touched_requests)
EXCEPT
SELECT request_id FROM affected_requests;

SET VARIABLE affected_from_us = LEAST(getvariable('affected_from_us'), (
    SELECT MIN(started_us) FROM attempt_rows
    WHERE request_id IN (SELECT request_id FROM affected_requests EXCEPT FROM touched_requests)
));
