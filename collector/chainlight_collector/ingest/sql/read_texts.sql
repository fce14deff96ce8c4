-- Which lines does plain text hold? One row per line of the file. A time, a stream or both may stand
-- before the platform's own words, as `aws logs tail` and exports to S3 print them. The files hold
-- valid UTF-8.
CREATE OR REPLACE TEMP TABLE log_lines AS
SELECT
    CAST(NULL AS VARCHAR) AS log_group,
    log_stream,
    logged_us,
    CAST(NULL AS BIGINT) AS ingested_us,
    kind,
    CASE WHEN kind <> 'other' THEN message END AS message
FROM (
    SELECT log_stream, logged_us, message, line_kind(message) AS kind
    FROM (
        SELECT
            nullif(head.stream, '') AS log_stream,
            us_of_iso(head.logged) AS logged_us,
            coalesce(nullif(head.message, ''), line) AS message
        FROM (
            SELECT line, regexp_extract(
                line,
                '^(\d{4}-\d\d-\d\dT\S+)[ \t]+(?:(\d{4}/\d\d/\d\d/\S+)[ \t]+)?((?:REPORT|START|END) RequestId:.*|(?:INIT|RESTORE)_(?:START|REPORT)[ \t].*|\{"chainlight":.*|\{"time":.*)$',
                ['logged', 'stream', 'message']
            ) AS head
            FROM (
                SELECT rtrim(unnest(string_split(content, chr(10))), chr(13)) AS line
                FROM read_text($files)
            )
            WHERE line <> ''
        )
    )
);
