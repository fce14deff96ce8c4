-- Which request do lines belong to that name none? One row per line of the touched requests: errors
-- that a runtime prints without the request id (Python, Java, Go, Ruby), and the report of an
-- initialization that failed before and was repeated inside the invocation. Environments without
-- JSON logs run one request at a time: it is the one whose START came last before the line.
-- Lines without a time stay out: DuckDB's ASOF join matches a NULL with whatever lies beside it.
CREATE OR REPLACE TEMP TABLE lost_lines AS
WITH lost AS (
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
),

began AS (
    SELECT
        COALESCE(log_group, '') AS log_group, log_stream, logged_us, MAX(request_id) AS request_id
    FROM invocation_starts
    WHERE log_stream IN (SELECT log_stream FROM lost) AND logged_us IS NOT NULL
    GROUP BY COALESCE(log_group, ''), log_stream, logged_us
)

SELECT l.*, b.request_id
FROM lost AS l
ASOF INNER JOIN began AS b
    ON b.log_stream = l.log_stream AND b.log_group = COALESCE(l.log_group, '')
    AND b.logged_us <= l.logged_us
WHERE b.request_id IN (SELECT request_id FROM touched_requests);
