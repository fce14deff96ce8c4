-- Which touched requests have lines that must be counted to be told apart? One row per request, with
-- whether it started more than once. All others have one START, no line earlier than that or in
-- another stream, at most one record and one report, and no error, all of them near the slice: they
-- ran once, and plain_attempts.sql joins their lines as they are. Sorting and grouping the lines of all
-- requests took a fifth of the time of a derive. The times of what is counted bound what attempts.sql
-- has to look through; this is the only look at the lines of a whole day, and it is a narrow one. Out,
-- too: touched_from_us. No execution of a touched request began earlier, whatever lines were known
-- before, for its start is the time of one of them (numbered.sql).
CREATE OR REPLACE TEMP TABLE touched_lines AS
SELECT
    request_id,
    COUNT(*) FILTER (WHERE line = 'start') > 1 AS is_repeated,
    MIN(logged_us) AS from_us,
    MAX(logged_us) AS until_us,
    MIN(began_us) AS began_us,
    COUNT(told_us) < COUNT(*) AS has_timeless,
    COALESCE(
        COUNT(*) FILTER (WHERE line = 'start') = 1
        AND COUNT(*) FILTER (WHERE line = 'record') <= 1
        AND COUNT(*) FILTER (WHERE line = 'report') <= 1
        AND COUNT(*) FILTER (WHERE line = 'error') = 0
        AND MIN(logged_us) FILTER (WHERE line = 'start') = MIN(logged_us)
        AND MIN(stream_hash) = MAX(stream_hash)
        AND COUNT(told_us) = COUNT(*)
        AND MIN(logged_us) >= getvariable('lines_from_us')
        AND MAX(logged_us) <= getvariable('lines_until_us'),
        FALSE
    ) AS is_plain
FROM (
    SELECT
        'start' AS line, request_id, logged_us, logged_us AS told_us, logged_us AS began_us,
        hash(log_group, log_stream) AS stream_hash
    FROM touched_starts
    UNION ALL
    SELECT
        'error' AS line, request_id, logged_us, logged_us AS told_us, logged_us AS began_us,
        hash(log_group, log_stream) AS stream_hash
    FROM lines_since('invocation_errors')
    UNION ALL
    SELECT
        'error' AS line, request_id, logged_us, logged_us AS told_us, logged_us AS began_us,
        hash(log_group, log_stream) AS stream_hash
    FROM lost_lines
    UNION ALL
    SELECT
        'record' AS line, request_id, COALESCE(logged_us, ended_us) AS logged_us,
        logged_us AS told_us, started_us AS began_us,
        hash(log_group, log_stream) AS stream_hash
    FROM lines_since('records')
    UNION ALL
    SELECT
        'report' AS line, request_id, logged_us, logged_us AS told_us,
        logged_us - GREATEST(duration_us, 0) AS began_us,
        hash(log_group, log_stream) AS stream_hash
    FROM lines_since('invocation_reports')
)
WHERE request_id IN (SELECT request_id FROM touched_requests)
GROUP BY request_id;

SET VARIABLE touched_from_us = (SELECT MIN(began_us) FROM touched_lines);

CREATE OR REPLACE TEMP TABLE counted_requests AS
SELECT request_id, is_repeated, from_us, until_us, has_timeless FROM touched_lines WHERE NOT is_plain;

DROP TABLE touched_lines;
DROP TABLE touched_starts;

SET VARIABLE counted_from_us = (SELECT MIN(from_us) FROM counted_requests);
SET VARIABLE counted_until_us = (SELECT MAX(until_us) FROM counted_requests);

SET VARIABLE has_timeless_lines = (SELECT COALESCE(BOOL_OR(has_timeless), FALSE) FROM counted_requests);

-- Two branches, as in since.sql.
CREATE OR REPLACE TEMP MACRO counted_lines(name) AS TABLE
SELECT * FROM query_table(name)
WHERE logged_us BETWEEN getvariable('counted_from_us') AND getvariable('counted_until_us')
UNION ALL
SELECT * FROM query_table(name)
WHERE getvariable('has_timeless_lines') AND logged_us IS NULL;
