-- Which requests do the facts from `since_us` to before `until_us` speak of? One row per request id.
-- A report without a time is among those of the last slice (`has_untimed`). A line that names no
-- request may belong to another one now: of its stream, all that began since, and the one that began
-- last before.
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
    SELECT request_id
    FROM (
        SELECT request_id, logged_us, MIN(logged_us) OVER (
            PARTITION BY log_group, log_stream ORDER BY logged_us
            RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS following_us
        FROM invocation_starts
        WHERE log_stream IN (
            SELECT log_stream FROM invocation_errors
            WHERE request_id IS NULL AND logged_us
                BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
            UNION ALL
            SELECT log_stream FROM environment_events
            WHERE kind = 'init_report' AND phase = 'invoke'
                AND logged_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
        )
    )
    WHERE COALESCE(following_us, 4611686018427387904) >= getvariable('since_us')
        AND logged_us < getvariable('until_us')
)
WHERE request_id IS NOT NULL;
