-- What happened to an execution environment? One row per line that names no request and is not yet
-- known: INIT_START, INIT_REPORT, RESTORE_*, EXTENSION, and the platform types like them.
CREATE OR REPLACE TEMP TABLE parsed_environment AS
SELECT
    log_group, log_stream, logged_us, ingested_us,
    function_of(log_group, log_stream) AS function_name,
    CASE word
        WHEN 'LOGS' THEN 'logs_subscription'
        WHEN 'TELEMETRY' THEN 'telemetry_subscription'
        ELSE lower(word)
    END AS kind,
    CAST(NULL AS VARCHAR) AS init_type,
    value_at(labels, words, 'Phase') AS phase,
    length_us(coalesce(
        value_at(labels, words, 'Init Duration'), value_at(labels, words, 'Restore Duration')
    )) AS duration_us,
    value_at(labels, words, 'Status') AS status,
    value_at(labels, words, 'Error Type') AS error_type,
    trim(message[len(word) + 1:], E' \t\r\n') AS detail
FROM (
    SELECT *, labels_of(message) AS labels, values_of(message) AS words,
        regexp_extract(message, '^([A-Z_]+)', 1) AS word
    FROM log_lines
    WHERE kind = 'environment'
)
UNION ALL
SELECT
    log_group, log_stream, logged_us, ingested_us,
    coalesce(function_of_arn(function_arn), function_name) AS function_name,
    lower(regexp_replace(kind, '([a-z])([A-Z])', '\1_\2', 'g')) AS kind,
    init_type, phase, duration_us, status, error_type, detail
FROM platform_lines
WHERE problem IS NULL
    AND kind NOT IN ('start', 'report', 'runtimeDone')
    AND NOT (kind = 'fault' AND starts_with(detail, 'RequestId: '));

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
