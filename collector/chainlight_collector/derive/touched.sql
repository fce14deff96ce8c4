-- Which requests do the facts from `since_us` to before `until_us` speak of? One row per request id.
-- A report without a time is among those of the last slice (`has_untimed`). A line that names no
-- request may belong to another one now: of its stream, all that began since (they are touched anyway),
-- and the one that began last before.
CREATE OR REPLACE TEMP TABLE began_last AS
SELECT log_group, log_stream, MAX(logged_us) AS logged_us
FROM invocation_starts
WHERE logged_us < getvariable('since_us') AND log_stream IN (
    SELECT log_stream FROM invocation_errors
    WHERE request_id IS NULL AND logged_us
        BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
    UNION ALL
    SELECT log_stream FROM environment_events
    WHERE kind = 'init_report' AND phase = 'invoke'
        AND logged_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
)
GROUP BY log_group, log_stream;

CREATE OR REPLACE TEMP TABLE touched_requests AS
SELECT DISTINCT request_id
FROM (
    SELECT request_id FROM invocation_starts
    WHERE logged_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
    UNION ALL
    SELECT request_id FROM invocation_reports
    WHERE logged_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
        OR (getvariable('has_untimed') AND logged_us IS NULL)
    UNION ALL
    SELECT request_id FROM invocation_errors
    WHERE logged_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
    UNION ALL
    SELECT request_id FROM records
    WHERE logged_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
        OR started_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
    UNION ALL
    SELECT request_id FROM record_calls
    WHERE record_started_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
    UNION ALL
    SELECT request_id FROM record_causes
    WHERE record_started_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
    UNION ALL
    SELECT s.request_id
    FROM invocation_starts AS s
    INNER JOIN began_last AS b
        ON b.log_stream = s.log_stream AND b.log_group IS NOT DISTINCT FROM s.log_group
        AND b.logged_us = s.logged_us
)
WHERE request_id IS NOT NULL;
