-- Whose causes may look different now? One row per request id: the touched ones and every callee
-- that a touched call, or a touched failure, reached, before or now. A callee's record cannot be older than its caller, so
-- causes are looked up from the earliest touched start on, less an hour for clocks that disagree.
SET VARIABLE first_call_us = (
    SELECT COALESCE(MIN(started_us), 0) - 3600000000
    FROM attempt_rows
    WHERE request_id IN (SELECT request_id FROM touched_requests)
);

CREATE OR REPLACE TEMP TABLE touched_keys AS
SELECT DISTINCT UNNEST(natural_keys) AS natural_key FROM new_calls
UNION
SELECT request_id AS natural_key FROM touched_requests;

CREATE OR REPLACE TEMP TABLE affected_requests AS
SELECT request_id FROM touched_requests
UNION
SELECT callee_request_id FROM link_rows
WHERE caller_request_id IN (SELECT request_id FROM touched_requests)
UNION
SELECT natural_key FROM touched_keys
UNION
SELECT request_id
FROM record_causes
WHERE record_started_us >= getvariable('first_call_us') AND (
    call_id IN (SELECT call_id FROM new_calls)
    OR caller_request_id IN (SELECT request_id FROM touched_requests)
)
UNION
SELECT c.request_id
FROM (
    SELECT request_id, UNNEST(natural_keys) AS natural_key
    FROM record_causes
    WHERE record_started_us >= getvariable('first_call_us')
) AS c
INNER JOIN touched_keys AS k ON k.natural_key = c.natural_key;

CREATE OR REPLACE TEMP TABLE old_links AS
SELECT call_id, caller_request_id FROM link_rows
WHERE callee_request_id IN (SELECT request_id FROM affected_requests);

DROP TABLE touched_keys;
DROP TABLE new_calls;
