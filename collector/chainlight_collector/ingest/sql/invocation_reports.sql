-- Keeps the parsed reports that are not yet known.
DELETE FROM parsed_reports AS new
USING (
    SELECT log_group, log_stream, request_id, logged_us, duration_us, billed_ms, init_us, restore_us
    FROM invocation_reports
    WHERE NOT is_end AND logged_us BETWEEN $from_us AND $to_us
    UNION ALL
    SELECT log_group, log_stream, request_id, logged_us, duration_us, billed_ms, init_us, restore_us
    FROM invocation_reports
    WHERE NOT is_end AND $has_untimed AND logged_us IS NULL
) AS old
WHERE new.request_id = old.request_id
    AND new.logged_us IS NOT DISTINCT FROM old.logged_us
    AND new.duration_us IS NOT DISTINCT FROM old.duration_us
    AND new.billed_ms IS NOT DISTINCT FROM old.billed_ms
    AND new.init_us IS NOT DISTINCT FROM old.init_us
    AND new.restore_us IS NOT DISTINCT FROM old.restore_us
    AND new.log_stream IS NOT DISTINCT FROM old.log_stream
    AND new.log_group IS NOT DISTINCT FROM old.log_group;

INSERT INTO invocation_reports BY NAME
SELECT * EXCLUDE (line_id, problem, key_hash), day_of(logged_us) AS day, false AS is_end
FROM parsed_reports
WHERE problem IS NULL;

SELECT count(*) AS kept_count, min(coalesce(logged_us, 0)) AS touched_us
FROM parsed_reports
WHERE problem IS NULL;
