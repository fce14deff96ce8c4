-- Which lines does a file from anywhere hold? As read_events.sql, one row per line of the file, and
-- also lines of the Telemetry API that stand for themselves or under "event". What a function or an
-- extension printed is its record there.
CREATE OR REPLACE TEMP TABLE log_lines AS
SELECT
    CASE WHEN kind <> 'other' THEN log_group END AS log_group,
    CASE WHEN kind <> 'other' THEN log_stream END AS log_stream,
    logged_us,
    ingested_us,
    kind,
    CASE WHEN kind <> 'other' THEN message END AS message
FROM (
    SELECT *, line_kind(message, logged_us) AS kind
    FROM (
        SELECT
            "logGroup" AS log_group,
            coalesce("logStream", "logStreamName") AS log_stream,
            us_of_ms("timestamp") AS logged_us,
            us_of_ms("ingestionTime") AS ingested_us,
            coalesce(
                message,
                CASE WHEN "type" IN ('function', 'extension') THEN coalesce(
                    json_extract_string("record", '$'), '')
                WHEN "type" IS NOT NULL THEN CAST(json_object(
                    'time', "time", 'type', "type", 'record', "record") AS VARCHAR)
                END
            ) AS message
        FROM (SELECT * REPLACE (
            coalesce("type", json_extract_string(event, '$.type')) AS "type",
            coalesce("time", json_extract_string(event, '$.time'),
                json_extract_string(event, '$.timestamp')) AS "time",
            coalesce("record", event->'$.record') AS "record",
            CASE WHEN event IS NOT NULL AND json_extract_string(event, '$.type') IS NULL
                THEN CAST(event AS VARCHAR) ELSE message END AS message
        ) FROM read_json(
            $files, format = 'newline_delimited', ignore_errors = true,
            maximum_object_size = $line_bytes_max,
            columns = {
                'logGroup': 'VARCHAR', 'logStream': 'VARCHAR', 'logStreamName': 'VARCHAR',
                'timestamp': 'BIGINT', 'ingestionTime': 'BIGINT', 'message': 'VARCHAR',
                'event': 'JSON', 'time': 'VARCHAR', 'type': 'VARCHAR', 'record': 'JSON'
            }
        ))
    )
);
