-- Which lines do raw FilterLogEvents answers hold? One row per event of each page; a page that has
-- no list of events is one row of kind 'unreadable'.
CREATE OR REPLACE TEMP TABLE log_lines AS
SELECT
    log_group,
    event."logStreamName" AS log_stream,
    us_of_ms(event."timestamp") AS logged_us,
    us_of_ms(event."ingestionTime") AS ingested_us,
    kind,
    CASE WHEN kind <> 'other' THEN event.message END AS message
FROM (
    SELECT log_group, event, line_kind(event.message, us_of_ms(event."timestamp")) AS kind
    FROM (
        SELECT
            "logGroup" AS log_group,
            unnest(coalesce(body."events", [NULL])) AS event
        FROM read_json(
            $files, format = 'newline_delimited', ignore_errors = true,
            maximum_object_size = $line_bytes_max,
            columns = {
                'logGroup': 'VARCHAR',
                'body': 'STRUCT("events" STRUCT("logStreamName" VARCHAR, "timestamp" BIGINT, "ingestionTime" BIGINT, message VARCHAR)[])'
            }
        )
    )
);
