-- Which lines does an NDJSON file of log events hold? One row per line of the file.
-- Text of ordinary lines is dropped here; a line that is no event has kind 'unreadable'.
CREATE OR REPLACE TEMP TABLE log_lines AS
SELECT
    CASE WHEN kind <> 'other' THEN log_group END AS log_group,
    CASE WHEN kind <> 'other' THEN log_stream END AS log_stream,
    logged_us,
    ingested_us,
    kind,
    CASE WHEN kind <> 'other' THEN message END AS message
FROM (
    SELECT
        "logGroup" AS log_group,
        coalesce("logStream", "logStreamName") AS log_stream,
        us_of_ms("timestamp") AS logged_us,
        us_of_ms("ingestionTime") AS ingested_us,
        line_kind(message, us_of_ms("timestamp")) AS kind,
        message
    FROM read_json(
        $files, format = 'newline_delimited', ignore_errors = true, maximum_object_size = $line_bytes_max,
        columns = {
            'logGroup': 'VARCHAR', 'logStream': 'VARCHAR', 'logStreamName': 'VARCHAR',
            'timestamp': 'BIGINT', 'ingestionTime': 'BIGINT', 'message': 'VARCHAR'
        }
    )
);
