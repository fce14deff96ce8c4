-- Whose causes may be told by another's trace or history? Besides those affected already: functions
-- without a record in a trace that a touched execution is in, and those that ran while a touched
-- task waited for them and said no request id.
INSERT INTO affected_requests
SELECT a.request_id
FROM attempt_rows AS a
WHERE NOT a.has_record AND a.trace_root IN (
    SELECT trace_root FROM attempt_rows
    WHERE request_id IN (SELECT request_id FROM touched_requests)
    UNION
    SELECT recorded_chain_id FROM attempt_rows
    WHERE request_id IN (SELECT request_id FROM touched_requests)
)
UNION
SELECT a.request_id
FROM call_rows AS c
INNER JOIN attempt_rows AS a
    ON a.function_name = c.target_name AND a.started_us >= c.started_us - 50000
    AND a.started_us <= COALESCE(c.ended_us, c.started_us + 900000000)
WHERE c.caller_request_id IN (SELECT execution_arn FROM execution_rows)
    AND c.caller_request_id IN (SELECT request_id FROM touched_requests)
    AND c.kind IN ('lambda', 'durable') AND LEN(c.natural_keys) = 0
EXCEPT
SELECT request_id FROM affected_requests;
