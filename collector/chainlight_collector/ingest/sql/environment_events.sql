-- Keeps the parsed events of environments that are not yet known.
CREATE OR REPLACE TEMP TABLE fresh_environment AS
SELECT DISTINCT ON (log_group, log_stream, logged_us, kind, detail)
    log_group, log_stream, logged_us, ingested_us, function_name, kind, init_type, phase,
    duration_us, status, error_type, detail, day_of(logged_us) AS day
FROM parsed_environment AS new
ANTI JOIN (
    SELECT log_group, log_stream, logged_us, kind, detail
    FROM environment_events
    WHERE logged_us BETWEEN $from_us AND $to_us
    UNION ALL
    SELECT log_group, log_stream, logged_us, kind, detail
    FROM environment_events
    WHERE $has_untimed AND logged_us IS NULL
) AS old
    ON new.logged_us IS NOT DISTINCT FROM old.logged_us
    AND new.kind = old.kind
    AND new.detail IS NOT DISTINCT FROM old.detail
    AND new.log_stream IS NOT DISTINCT FROM old.log_stream
    AND new.log_group IS NOT DISTINCT FROM old.log_group;

INSERT INTO environment_events BY NAME SELECT * FROM fresh_environment;

SELECT count(*) AS kept_count, min(coalesce(logged_us, 0)) AS touched_us FROM fresh_environment;
