-- Which lines do decoded subscription documents hold? One row per log event; a document without
-- events is one row of kind 'unreadable', except CloudWatch's own control messages.
CREATE OR REPLACE TEMP TABLE log_lines AS
SELECT
    log_group,
    log_stream,
    us_of_ms(event."timestamp") AS logged_us,
    CAST(NULL AS BIGINT) AS ingested_us,
    kind,
    CASE WHEN kind <> 'other' THEN event.message END AS message
FROM (
    SELECT log_group, log_stream, event,
        CASE WHEN is_control THEN 'other' ELSE line_kind(event.message, us_of_ms(event."timestamp")) END AS kind
    FROM (
        SELECT
            "logGroup" AS log_group,
            "logStream" AS log_stream,
            coalesce("messageType" = 'CONTROL_MESSAGE', false) AS is_control,
            unnest(coalesce("logEvents", [NULL])) AS event
        FROM read_json(
            $files, format = 'newline_delimited', ignore_errors = true,
            maximum_object_size = $line_bytes_max,
            columns = {
                'messageType': 'VARCHAR', 'logGroup': 'VARCHAR', 'logStream': 'VARCHAR',
                'logEvents': 'STRUCT(id VARCHAR, "timestamp" BIGINT, message VARCHAR)[]'
            }
        )
    )
);
