-- What ended without a visible report? One row per END or platform.runtimeDone line, as a report
-- with billed_ms NULL, for as long as no report of that execution is there: the rule looks at the
-- facts only, so that it does not matter which line comes first. A report belongs to an END of the
-- same stream and request when it was logged from 1 s before to 10 s after it: an async retry
-- under the same request id comes a minute later.
CREATE OR REPLACE TEMP TABLE lone_ends AS
SELECT line_id, log_group, log_stream, logged_us, ingested_us, function_name, request_id,
    duration_us, status, error_type, trace_root
FROM parsed_ends AS new
ANTI JOIN (
    SELECT log_group, log_stream, request_id, logged_us
    FROM invocation_reports
    WHERE NOT is_end AND logged_us BETWEEN $from_us - 1000000 AND $to_us + 10000000
    UNION ALL
    SELECT log_group, log_stream, request_id, logged_us
    FROM invocation_reports
    WHERE NOT is_end AND $has_untimed AND logged_us IS NULL
) AS report
    ON new.request_id = report.request_id
    AND new.log_stream IS NOT DISTINCT FROM report.log_stream
    AND new.log_group IS NOT DISTINCT FROM report.log_group
    AND coalesce(report.logged_us, 0) >= coalesce(new.logged_us, 0) - 1000000
    AND coalesce(report.logged_us, 0) <= coalesce(new.logged_us, 0) + 10000000
WHERE problem IS NULL;

CREATE OR REPLACE TEMP TABLE fresh_ends AS
SELECT DISTINCT ON (log_group, log_stream, request_id, logged_us, duration_us)
    log_group, log_stream, logged_us, ingested_us, function_name, request_id, duration_us, status,
    error_type, trace_root, day_of(logged_us) AS day, true AS is_end
FROM lone_ends AS new
ANTI JOIN (
    SELECT log_group, log_stream, request_id, logged_us, duration_us
    FROM invocation_reports
    WHERE is_end AND logged_us BETWEEN $from_us AND $to_us
    UNION ALL
    SELECT log_group, log_stream, request_id, logged_us, duration_us
    FROM invocation_reports
    WHERE is_end AND $has_untimed AND logged_us IS NULL
) AS old
    ON new.request_id = old.request_id
    AND new.logged_us IS NOT DISTINCT FROM old.logged_us
    AND new.duration_us IS NOT DISTINCT FROM old.duration_us
    AND new.log_stream IS NOT DISTINCT FROM old.log_stream
    AND new.log_group IS NOT DISTINCT FROM old.log_group;

INSERT INTO invocation_reports BY NAME SELECT * FROM fresh_ends;

SELECT
    count(*) AS kept_count,
    min(coalesce(logged_us, 0)) AS touched_us,
    (SELECT count(*) FROM parsed_ends WHERE problem IS NULL) - (SELECT count(*) FROM lone_ends)
        AS skipped_count
FROM fresh_ends;
