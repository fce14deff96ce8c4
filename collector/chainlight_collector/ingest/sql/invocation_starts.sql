-- Keeps the parsed starts that are not yet known.
DELETE FROM parsed_starts AS new
USING (
    SELECT log_group, log_stream, request_id, logged_us
    FROM invocation_starts
    WHERE logged_us BETWEEN $from_us AND $to_us
    UNION ALL
    SELECT log_group, log_stream, request_id, logged_us
    FROM invocation_starts
    WHERE $has_untimed AND logged_us IS NULL
) AS old
WHERE new.request_id = old.request_id
    AND new.logged_us IS NOT DISTINCT FROM old.logged_us
    AND new.log_stream IS NOT DISTINCT FROM old.log_stream
    AND new.log_group IS NOT DISTINCT FROM old.log_group;

INSERT INTO invocation_starts BY NAME
SELECT * EXCLUDE (line_id, problem, key_hash), day_of(logged_us) AS day
FROM parsed_starts
WHERE problem IS NULL;

SELECT count(*) AS kept_count, min(coalesce(logged_us, 0)) AS touched_us
FROM parsed_starts
WHERE problem IS NULL;
