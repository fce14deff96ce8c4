-- Which requests do the facts since `since_us` speak of? One row per request id.
-- A report without a time is always among them.
CREATE OR REPLACE TEMP TABLE touched_requests AS
SELECT DISTINCT request_id
FROM (
    SELECT request_id FROM invocation_starts WHERE logged_us >= getvariable('since_us')
    UNION ALL
    SELECT request_id FROM invocation_reports
    WHERE logged_us >= getvariable('since_us') OR logged_us IS NULL
    UNION ALL
    SELECT request_id FROM invocation_errors WHERE logged_us >= getvariable('since_us')
    UNION ALL
    SELECT request_id FROM records
    WHERE logged_us >= getvariable('since_us') OR started_us >= getvariable('since_us')
    UNION ALL
    SELECT request_id FROM record_calls WHERE record_started_us >= getvariable('since_us')
    UNION ALL
    SELECT request_id FROM record_causes WHERE record_started_us >= getvariable('since_us')
)
WHERE request_id IS NOT NULL;
