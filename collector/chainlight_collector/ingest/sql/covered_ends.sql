-- Which ENDs have got their report by now? They leave, as invocation_ends.sql would not have let
-- them in. Run where this part brought reports.
DELETE FROM invocation_reports AS ended
USING (
    SELECT request_id, log_stream, log_group, logged_us
    FROM parsed_reports
    WHERE problem IS NULL AND request_id IN (
        SELECT request_id
        FROM invocation_reports
        WHERE is_end AND (logged_us BETWEEN $from_us - 10000000 AND $to_us + 1000000
            OR ($has_untimed AND logged_us IS NULL))
    )
) AS report
WHERE ended.is_end
    AND ended.request_id = report.request_id
    AND ended.log_stream IS NOT DISTINCT FROM report.log_stream
    AND ended.log_group IS NOT DISTINCT FROM report.log_group
    AND coalesce(report.logged_us, 0) BETWEEN coalesce(ended.logged_us, 0) - 1000000
        AND coalesce(ended.logged_us, 0) + 10000000
    AND (ended.logged_us BETWEEN $from_us - 10000000 AND $to_us + 1000000
        OR ($has_untimed AND ended.logged_us IS NULL));
