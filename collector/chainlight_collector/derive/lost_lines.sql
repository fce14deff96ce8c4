-- Which request do lines belong to that name none? One row per line of the touched requests: errors
-- that a runtime prints without the request id (Python, Java, Go, Ruby), and the report of an
-- initialization that failed before and was repeated inside the invocation. Environments without
-- JSON logs run one request at a time: it is the one whose START came last before the line.
-- Lines without a time stay out: DuckDB's ASOF join matches a NULL with whatever lies beside it.
-- Streams and times bound what is looked through: from the first touched START of a stream to the
-- first one after the last. Out: lost_lines, and touched_starts for counted_requests.sql.
CREATE OR REPLACE TEMP TABLE touched_starts AS
SELECT request_id, log_group, log_stream, logged_us
FROM lines_since('invocation_starts')
WHERE request_id IN (SELECT request_id FROM touched_requests);

CREATE OR REPLACE TEMP TABLE touched_streams AS
SELECT
    COALESCE(log_group, '') AS log_group, log_stream, MIN(logged_us) AS first_us,
    MAX(logged_us) AS last_us
FROM touched_starts
WHERE logged_us IS NOT NULL
GROUP BY COALESCE(log_group, ''), log_stream;

CREATE OR REPLACE TEMP TABLE nameless_lines AS
SELECT l.*, s.last_us
FROM (
    SELECT
        'error' AS line, log_group, log_stream, logged_us, function_name, kind AS error_kind,
        error_type AS error_line_type
    FROM invocation_errors
    WHERE request_id IS NULL AND logged_us IS NOT NULL
    UNION ALL
    SELECT
        'init' AS line, log_group, log_stream, logged_us, function_name, NULL AS error_kind,
        NULL AS error_line_type
    FROM environment_events
    WHERE kind = 'init_report' AND phase = 'invoke' AND logged_us IS NOT NULL
) AS l
INNER JOIN touched_streams AS s
    ON s.log_stream = l.log_stream AND s.log_group = COALESCE(l.log_group, '')
WHERE l.logged_us >= s.first_us;

SET VARIABLE first_touched_us = (SELECT MIN(first_us) FROM touched_streams);
SET VARIABLE last_touched_us = (SELECT MAX(last_us) FROM touched_streams);
SET VARIABLE first_last_us = (
    SELECT MIN(last_us) FROM nameless_lines WHERE logged_us > last_us
);

CREATE OR REPLACE TEMP TABLE lost_lines AS
WITH following AS (
    SELECT t.log_group, t.log_stream, MIN(s.logged_us) AS logged_us
    FROM invocation_starts AS s
    INNER JOIN touched_streams AS t
        ON t.log_stream = s.log_stream AND t.log_group = COALESCE(s.log_group, '')
    WHERE s.logged_us > t.last_us AND s.logged_us > getvariable('first_last_us')
        AND s.log_stream IN (SELECT log_stream FROM nameless_lines WHERE logged_us > last_us)
    GROUP BY t.log_group, t.log_stream
),

lost AS (
    SELECT l.* EXCLUDE (last_us)
    FROM nameless_lines AS l
    LEFT JOIN following AS f
        ON f.log_stream = l.log_stream AND f.log_group = COALESCE(l.log_group, '')
    WHERE COALESCE(l.logged_us < f.logged_us, TRUE)
),

began AS (
    SELECT
        COALESCE(log_group, '') AS log_group, log_stream, logged_us, MAX(request_id) AS request_id
    FROM invocation_starts
    WHERE log_stream IN (SELECT log_stream FROM lost)
        AND logged_us BETWEEN getvariable('first_touched_us') AND getvariable('last_touched_us')
    GROUP BY COALESCE(log_group, ''), log_stream, logged_us
)

SELECT l.*, b.request_id
FROM lost AS l
ASOF INNER JOIN began AS b
    ON b.log_stream = l.log_stream AND b.log_group = COALESCE(l.log_group, '')
    AND b.logged_us <= l.logged_us
WHERE b.request_id IN (SELECT request_id FROM touched_requests);

DROP TABLE touched_streams;
DROP TABLE nameless_lines;
