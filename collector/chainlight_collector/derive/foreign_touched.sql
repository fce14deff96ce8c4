-- Which executions have calls that a new record tells of as well? The record's call takes the place
-- of the history's, so the execution is touched with it.
INSERT INTO touched_requests
SELECT SPLIT_PART(natural_key, '#', 1) AS request_id
FROM (
    SELECT UNNEST(natural_keys) AS natural_key FROM record_calls
    WHERE kind = 'durable' AND record_started_us
        BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
)
WHERE SPLIT_PART(natural_key, '#', 1) IN (SELECT execution_arn FROM execution_rows)
EXCEPT
SELECT request_id FROM touched_requests;
