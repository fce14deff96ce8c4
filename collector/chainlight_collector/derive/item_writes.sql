-- Which write made each record of a DynamoDB stream? One row per cause of an affected invocation that
-- names an item, and the write. Both sides know table and key alone, which all writes of an item
-- share: order and time decide. A stream keeps the order of an item's writes, a write makes at most
-- one record, and a record says in which second its write was committed. So the last record of a
-- second goes with the last write of that second, the one before with the write before. A record that
-- this leaves over goes with the nearest write that no record claims, up to 10 s before; one without a
-- time with the nearest up to 24 h before it arrived, which is how long a stream keeps it. Writes
-- count for 10 s, tries included: what changes a write then changes records of 21 s (affected.sql).
CREATE OR REPLACE TEMP TABLE item_keys AS
SELECT DISTINCT
    UNNEST(natural_keys) AS item_key,
    COALESCE(sent_us, record_started_us - 86400000000) AS written_us
FROM record_causes
WHERE record_started_us >= getvariable('affected_from_us')
    AND request_id IN (SELECT request_id FROM affected_requests);

-- The writes around those begin no earlier, less an hour for clocks that disagree.
SET VARIABLE written_from_us = (SELECT MIN(written_us) FROM item_keys) - 3600000000;

CREATE OR REPLACE TEMP TABLE item_writes AS
SELECT DISTINCT
    item_key, call_id, started_us, started_us // 1000000 AS first_second,
    LEAST(GREATEST(ended_us, started_us), started_us + 10000000) // 1000000 AS last_second
FROM (
    SELECT call_id, started_us, ended_us, UNNEST(natural_keys) AS item_key
    FROM since('call_rows', getvariable('written_from_us'))
    WHERE kind = 'dynamodb' AND outcome NOT IN ('error', 'throttled')
)
WHERE item_key IN (SELECT item_key FROM item_keys);

DROP TABLE item_keys;

-- Records of all invocations: a record's place in its second depends on the others there. A batch that
-- is tried again brings the same records: their event ids, which the layer adds to the key, are one.
CREATE OR REPLACE TEMP TABLE item_records AS
WITH arrived AS (
    SELECT
        function_name,
        request_id,
        cause_index,
        item_key,
        MIN(LIST_FILTER(natural_keys, lambda each: each <> item_key)[1]) AS event_id,
        MIN(sent_us) AS noted_us,
        MIN(record_started_us) AS arrived_us
    FROM (
        SELECT *, UNNEST(natural_keys) AS item_key
        FROM record_causes
        WHERE record_started_us >= (SELECT MIN(started_us) FROM item_writes)
    )
    WHERE item_key IN (SELECT item_key FROM item_writes)
    GROUP BY function_name, request_id, cause_index, item_key
),

identified AS (
    SELECT
        *,
        COALESCE(event_id, request_id || '/' || CAST(cause_index AS VARCHAR)) AS record_id,
        CASE WHEN noted_us % 1000000 = 0 THEN noted_us // 1000000 END AS noted_second
    FROM arrived
),

first_seen AS (
    SELECT *, MIN((arrived_us, cause_index)) OVER (
        PARTITION BY function_name, item_key, noted_us, record_id
    ) AS seen
    FROM identified
)

SELECT
    * EXCLUDE (seen),
    event_id IS NOT NULL AS has_event_id,
    LEAST(
        COALESCE(noted_second * 1000000 + 999999, noted_us, arrived_us), arrived_us
    ) AS before_us,
    DENSE_RANK() OVER (
        PARTITION BY function_name, item_key, noted_us ORDER BY seen DESC, record_id DESC
    ) AS place_from_last
FROM first_seen;

-- Of the writes that were under way when a second ended, as many belong to the later one, the last
-- ones, as it has records beyond the writes that began and ended in it.
CREATE OR REPLACE TEMP TABLE item_proposals AS
WITH noted AS (
    SELECT
        function_name, item_key, noted_second, COUNT(DISTINCT record_id) AS records_count
    FROM item_records
    WHERE noted_second IS NOT NULL
    GROUP BY function_name, item_key, noted_second
),

inside AS (
    SELECT item_key, first_second AS noted_second, COUNT(*) AS writes_count
    FROM item_writes
    WHERE first_second = last_second
    GROUP BY item_key, first_second
),

crossing AS (
    SELECT
        c.function_name,
        w.*,
        ROW_NUMBER() OVER (
            PARTITION BY
                c.function_name, w.item_key, w.last_second, w.first_second = w.last_second
            ORDER BY w.started_us DESC, w.call_id DESC
        ) AS place_in_crossing
    FROM item_writes AS w
    INNER JOIN (SELECT DISTINCT function_name, item_key FROM item_records) AS c
        ON c.item_key = w.item_key
),

placed AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY function_name, item_key, noted_second
            ORDER BY started_us DESC, call_id DESC
        ) AS place_from_last
    FROM (
        SELECT
            c.function_name,
            c.item_key,
            c.call_id,
            c.started_us,
            CASE
                WHEN c.place_in_crossing <= n.records_count - COALESCE(i.writes_count, 0)
                    THEN c.last_second
                ELSE c.first_second
            END AS noted_second
        FROM crossing AS c
        LEFT JOIN noted AS n
            ON n.item_key = c.item_key AND n.function_name = c.function_name
            AND n.noted_second = c.last_second
        LEFT JOIN inside AS i ON i.item_key = c.item_key AND i.noted_second = c.last_second
    )
),

met AS (
    SELECT r.*, p.call_id
    FROM item_records AS r
    LEFT JOIN placed AS p
        ON p.function_name = r.function_name AND p.item_key = r.item_key
        AND p.noted_second = r.noted_second AND p.place_from_last = r.place_from_last
        AND p.started_us <= r.arrived_us
),

left_over AS (
    SELECT function_name, item_key, started_us, TRUE AS has_event_id, MIN(call_id) AS call_id
    FROM placed AS p
    ANTI JOIN met AS m
        ON m.function_name = p.function_name AND m.item_key = p.item_key
        AND m.call_id = p.call_id
    GROUP BY function_name, item_key, started_us
    UNION ALL
    SELECT function_name, item_key, started_us, FALSE AS has_event_id, MIN(call_id) AS call_id
    FROM placed
    GROUP BY function_name, item_key, started_us
)

SELECT m.function_name, m.request_id, m.cause_index, COALESCE(m.call_id, l.call_id) AS call_id
FROM met AS m
ASOF LEFT JOIN left_over AS l
    ON l.function_name = m.function_name AND l.item_key = m.item_key
    AND l.has_event_id = m.has_event_id AND l.started_us <= m.before_us
WHERE m.request_id IN (SELECT request_id FROM affected_requests)
    AND (m.call_id IS NOT NULL OR l.started_us >= m.before_us - CASE
        WHEN m.noted_us IS NULL THEN 86400000000 ELSE 11000000
    END);

DROP TABLE item_writes;
DROP TABLE item_records;
