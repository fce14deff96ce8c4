-- When did the touched executions pay for waiting? Waits for other functions (sync calls to Lambda,
-- HTTP and Step Functions) are cut to the billed interval and merged into islands; then attempts,
-- calls and islands of the touched requests take the place of what was there. Here and in later steps
-- conditions on the left side of a LEFT JOIN stand inside the key (CASE): beside it, DuckDB 1.5.5
-- compares all pairs (100,000 attempts: 170 s instead of 5). attempt_row and call_row are the places
-- of rows in new_attempts and new_calls: no names are compared. What was there began no earlier than
-- touched_from_us, or has no time (since.sql).
SET VARIABLE touched_from_us = COALESCE(getvariable('touched_from_us'), -4611686018427387904);

CREATE OR REPLACE TEMP TABLE new_waits AS
WITH cut AS (
    SELECT
        attempt_row,
        rowid AS call_row,
        call_id,
        GREATEST(started_us, attempt_started_us) AS from_us,
        LEAST(ended_us, COALESCE(attempt_end_us, ended_us)) AS to_us,
        COALESCE(cpu_us, 0) AS cpu_us
    FROM new_calls
    WHERE mode = 'sync' AND kind IN ('lambda', 'http', 'stepfunctions')
        AND attempt_row IS NOT NULL
),

reached AS (
    SELECT
        *,
        MAX(to_us) OVER (
            PARTITION BY attempt_row
            ORDER BY from_us, to_us, call_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_us
    FROM cut
    WHERE to_us > from_us
),

numbered AS (
    SELECT
        *,
        COUNT(*) FILTER (WHERE reached_us IS NULL OR from_us > reached_us) OVER (
            PARTITION BY attempt_row
            ORDER BY from_us, to_us, call_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS island_number
    FROM reached
)

SELECT
    *,
    MIN(from_us) OVER island AS island_started_us,
    MAX(to_us) OVER island AS island_ended_us,
    MAX(cpu_us) OVER island AS island_cpu_us,
    GREATEST(
        MAX(to_us) OVER island - MIN(from_us) OVER island - MAX(cpu_us) OVER island, 0
    ) AS island_idle_us,
    SUM(to_us - from_us) OVER island AS island_wait_us,
    SUM(to_us - from_us) OVER (
        PARTITION BY attempt_row, island_number
        ORDER BY from_us, to_us, call_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS wait_so_far_us
FROM numbered
WINDOW island AS (
    PARTITION BY attempt_row, island_number
);

DELETE FROM wait_rows
WHERE attempt_started_us >= getvariable('touched_from_us')
    AND request_id IN (SELECT request_id FROM touched_requests);
DELETE FROM wait_rows
WHERE is_timeless(attempt_started_us) AND request_id IN (SELECT request_id FROM touched_requests);
INSERT INTO wait_rows BY NAME
SELECT
    a.function_name,
    a.request_id,
    a.attempt_number,
    w.island_number,
    w.started_us,
    w.ended_us,
    w.calls_count,
    w.cpu_us,
    w.paid_idle_us,
    CAST(make_timestamp(w.started_us) AS DATE) AS day,
    a.started_us AS attempt_started_us
FROM (
    SELECT
        attempt_row,
        CAST(island_number AS INTEGER) AS island_number,
        MIN(from_us) AS started_us,
        MAX(to_us) AS ended_us,
        CAST(COUNT(*) AS INTEGER) AS calls_count,
        MAX(cpu_us) AS cpu_us,
        CAST(MAX(island_idle_us) AS BIGINT) AS paid_idle_us
    FROM new_waits
    GROUP BY attempt_row, island_number
) AS w
INNER JOIN new_attempts AS a ON a.rowid = w.attempt_row;

DELETE FROM call_rows
WHERE started_us >= getvariable('touched_from_us')
    AND caller_request_id IN (SELECT request_id FROM touched_requests);
DELETE FROM call_rows
WHERE is_timeless(started_us) AND caller_request_id IN (SELECT request_id FROM touched_requests);
INSERT INTO call_rows BY NAME
SELECT
    c.* EXCLUDE (attempt_row, attempt_started_us, attempt_end_us),
    CASE
        WHEN c.mode = 'sync' AND c.kind IN ('lambda', 'http', 'stepfunctions') THEN COALESCE(
            CAST(ROUND(w.island_idle_us * w.wait_so_far_us / w.island_wait_us) AS BIGINT)
            - CAST(ROUND(
                w.island_idle_us * (w.wait_so_far_us - (w.to_us - w.from_us)) / w.island_wait_us
            ) AS BIGINT),
            0
        )
        ELSE 0
    END AS paid_idle_us
FROM new_calls AS c
LEFT JOIN new_waits AS w ON w.call_row = c.rowid
ORDER BY c.started_us;

CREATE OR REPLACE TEMP TABLE moved_days AS
SELECT DISTINCT day FROM since('attempt_rows', getvariable('touched_from_us'))
WHERE request_id IN (SELECT request_id FROM touched_requests);

-- A table, so that DuckDB knows how few they are and hashes them instead of the attempts.
CREATE OR REPLACE TEMP TABLE deliveries AS
SELECT
    function_name, request_id, record_started_us, CAST(MAX(receive_count) AS INTEGER)
        AS receive_count
FROM record_causes
WHERE receive_count IS NOT NULL AND record_started_us >= getvariable('touched_from_us')
    AND request_id IN (SELECT request_id FROM touched_requests)
GROUP BY function_name, request_id, record_started_us;

DELETE FROM attempt_rows
WHERE started_us >= getvariable('touched_from_us')
    AND request_id IN (SELECT request_id FROM touched_requests);
DELETE FROM attempt_rows
WHERE is_timeless(started_us) AND request_id IN (SELECT request_id FROM touched_requests);
INSERT INTO attempt_rows BY NAME
WITH idle AS (
    SELECT attempt_row, SUM(island_idle_us) AS paid_idle_us
    FROM (SELECT DISTINCT attempt_row, island_number, island_idle_us FROM new_waits)
    GROUP BY attempt_row
),

other AS (
    SELECT attempt_row, SUM(wait_us) AS wait_us
    FROM new_calls
    WHERE mode = 'async' OR kind NOT IN ('lambda', 'http', 'stepfunctions')
    GROUP BY attempt_row
)

SELECT
    a.* EXCLUDE (other_waits, billed_end_us, xray_owner, has_sdk_segments),
    COALESCE(a.recorded_chain_id, a.trace_root) AS chain_id,
    CASE WHEN a.has_record OR a.has_sdk_segments THEN CAST(COALESCE(i.paid_idle_us, 0) AS BIGINT) END AS paid_idle_us,
    CASE WHEN a.has_record OR a.has_sdk_segments THEN CAST(
        COALESCE(o.wait_us, 0)
        + COALESCE(list_sum(CAST(json_extract(a.other_waits, '$.*[1]') AS BIGINT[])), 0) AS BIGINT
    ) END AS other_wait_us,
    CASE WHEN a.has_record THEN 'record' WHEN a.has_sdk_segments THEN 'xray' END AS idle_evidence,
    d.receive_count
FROM new_attempts AS a
LEFT JOIN idle AS i ON i.attempt_row = a.rowid
LEFT JOIN other AS o ON o.attempt_row = a.rowid
LEFT JOIN deliveries AS d
    ON d.request_id = a.request_id AND d.function_name = a.function_name
    AND d.record_started_us = CASE WHEN a.has_record THEN a.started_us END
ORDER BY a.started_us;

SET VARIABLE has_timeless = getvariable('has_timeless') OR (
    SELECT EXISTS (SELECT 1 FROM new_attempts WHERE started_us IS NULL)
        OR EXISTS (SELECT 1 FROM new_calls WHERE started_us IS NULL)
        OR EXISTS (SELECT 1 FROM service_rows WHERE started_us IS NULL)
);

DROP TABLE deliveries;
DROP TABLE new_attempts;
DROP TABLE new_waits;
