-- What happened to an execution environment? One row per line that names no request:
-- INIT_START, INIT_REPORT, RESTORE_*, EXTENSION, and the platform types like them.
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
