-- Whose causes may look different now? One row per request id: the touched ones and every callee
-- that a touched call, or a touched failure, reached, before or now. A callee's record cannot be
-- older than its caller, so causes are looked up from the earliest touched start on, less an hour for
-- clocks that disagree. A DynamoDB item's key repeats: a write or a stream record touches the records
-- of the same item around it in time, those that could have another write now (item_writes.sql).
-- Out: affected_requests, and affected_from_us, before which none of them began.
SET VARIABLE first_call_us = getvariable('touched_from_us') - 3600000000;

CREATE OR REPLACE TEMP TABLE touched_keys AS
SELECT DISTINCT UNNEST(natural_keys) AS natural_key FROM new_calls WHERE kind <> 'dynamodb'
UNION
SELECT request_id AS natural_key FROM touched_requests;

CREATE OR REPLACE TEMP TABLE touched_items AS
SELECT item_key, at_us - 11000000 AS from_us, at_us + 21000000 AS to_us, at_us + 86400000000 AS late_us
FROM (
    SELECT UNNEST(natural_keys) AS item_key, started_us AS at_us
    FROM new_calls
    WHERE kind = 'dynamodb'
    UNION
    SELECT UNNEST(natural_keys) AS item_key, sent_us AS at_us
    FROM record_causes
    WHERE sent_us IS NOT NULL AND record_started_us >= getvariable('touched_from_us')
        AND request_id IN (SELECT request_id FROM touched_requests)
);

SET VARIABLE first_item_us = (SELECT MIN(from_us) FROM touched_items);

CREATE OR REPLACE TEMP TABLE affected_requests AS
SELECT request_id FROM touched_requests
UNION
SELECT callee_request_id FROM links_since(getvariable('first_call_us'))
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
INNER JOIN touched_keys AS k ON k.natural_key = c.natural_key
UNION
SELECT c.request_id
FROM (
    SELECT request_id, sent_us, record_started_us, UNNEST(natural_keys) AS item_key
    FROM record_causes
    WHERE record_started_us >= getvariable('first_item_us')
) AS c
INNER JOIN touched_items AS i
    ON i.item_key = c.item_key AND COALESCE(c.sent_us, c.record_started_us)
        BETWEEN i.from_us AND CASE WHEN c.sent_us IS NULL THEN i.late_us ELSE i.to_us END;

-- What is affected ran after what touches it; a day before that, because it may have run again.
SET VARIABLE affected_after_us = LEAST(
    getvariable('first_call_us'), getvariable('first_item_us')
) - 86400000000;

SET VARIABLE affected_from_us = LEAST(getvariable('touched_from_us'), (
    SELECT MIN(started_us) FROM since('node_rows', getvariable('affected_after_us'))
    WHERE request_id IN (SELECT request_id FROM affected_requests EXCEPT FROM touched_requests)
));

DROP TABLE touched_keys;
DROP TABLE touched_items;
DROP TABLE new_calls;
