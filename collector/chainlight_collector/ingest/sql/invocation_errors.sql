-- Keeps the parsed errors that are not yet known.
CREATE OR REPLACE TEMP TABLE fresh_errors AS
SELECT DISTINCT ON (log_group, log_stream, request_id, logged_us, kind, error_type, error_message)
    log_group, log_stream, logged_us, ingested_us, function_of(log_group, log_stream) AS function_name,
    request_id, kind, error_type, error_message, day_of(logged_us) AS day
FROM (
    SELECT * REPLACE (left(error_message, 1024) AS error_message)
    FROM parsed_errors
    WHERE problem IS NULL
) AS new
ANTI JOIN (
    SELECT log_group, log_stream, request_id, logged_us, kind, error_type, error_message
    FROM invocation_errors
    WHERE logged_us BETWEEN $from_us AND $to_us
    UNION ALL
    SELECT log_group, log_stream, request_id, logged_us, kind, error_type, error_message
    FROM invocation_errors
    WHERE $has_untimed AND logged_us IS NULL
) AS old
    ON new.request_id IS NOT DISTINCT FROM old.request_id
    AND new.logged_us IS NOT DISTINCT FROM old.logged_us
    AND new.kind = old.kind
    AND new.error_type IS NOT DISTINCT FROM old.error_type
    AND new.error_message IS NOT DISTINCT FROM old.error_message
    AND new.log_stream IS NOT DISTINCT FROM old.log_stream
    AND new.log_group IS NOT DISTINCT FROM old.log_group;

INSERT INTO invocation_errors BY NAME SELECT * FROM fresh_errors;

SELECT
    count(*) AS kept_count,
    min(coalesce(logged_us, 0)) AS touched_us,
    (SELECT count(*) FROM parsed_errors WHERE problem = '') AS skipped_count
FROM fresh_errors;
