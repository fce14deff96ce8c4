-- Which lines does plain text hold? One row per line of the file. A time, a stream, a group and
-- punctuation may stand before the platform's own words, as consoles, `aws logs tail`, exports to S3
-- and CSV print them; other words before them are somebody's own line. Files hold valid UTF-8.
CREATE OR REPLACE TEMP TABLE log_lines AS
SELECT
    log_group,
    log_stream,
    logged_us,
    CAST(NULL AS BIGINT) AS ingested_us,
    kind,
    CASE WHEN kind <> 'other' THEN message END AS message
FROM (
    SELECT *, line_kind(message, logged_us) AS kind
    FROM (
        SELECT
            nullif(regexp_extract(prefix, '/aws/lambda/[^\s,"'']+'), '') AS log_group,
            nullif(regexp_extract(prefix, '\d{4}/\d\d/\d\d/[^\s,"'']+'), '') AS log_stream,
            coalesce(
                us_of_iso(nullif(regexp_extract(
                    prefix, '\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?'), '')),
                us_of_ms(TRY_CAST(regexp_extract(prefix, '\d{13}') AS BIGINT))
            ) AS logged_us,
            CASE
                WHEN own = '' THEN line
                WHEN suffix(prefix, '"') THEN replace(rtrim(own, '"'), '""', '"')
                ELSE own
            END AS message
        FROM (
            SELECT line, head.prefix, head.own
            FROM (
                SELECT line, regexp_extract(
                    line,
                    '^((?:[\s,;|"''\[\]]|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?|\d{13}|\d{4}/\d\d/\d\d/[^\s,"'']+|/aws/lambda/[^\s,"'']+)+)((?:REPORT|START|END) RequestId:.*|(?:INIT|RESTORE)_(?:START|REPORT)[ \t].*|\{"chainlight":.*|\{"time":.*)$',
                    ['prefix', 'own']
                ) AS head
                FROM (
                    SELECT rtrim(unnest(string_split(content, chr(10))), chr(13)) AS line
                    FROM read_text($files)
                )
                WHERE line <> ''
            )
        )
    )
);
