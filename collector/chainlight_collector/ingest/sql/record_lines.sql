-- What do the record lines say? One row per line of kind 'record', by the long names of
-- chainlight.record (its tables make the macros record_of and wire_of); causes and calls stay as
-- they are on the wire. problem is the reason of a reject. line_part is NULL for a whole line, else
-- its number, from 1.
CREATE OR REPLACE TEMP TABLE record_lines AS
SELECT
    *,
    function_of_arn(function_arn) AS function_name,
    outcome <> 'timeout' AS is_final,
    TRY_CAST(json_extract_string(part, '$[0]') AS INTEGER) AS line_part,
    TRY_CAST(json_extract_string(part, '$[1]') AS INTEGER) AS parts_count,
    CASE
        WHEN version IS NULL THEN 'record line that is not whole JSON'
        WHEN version <> $version
            THEN 'record line of version ' || version || ', read here is ' || $version
                || ': upgrade chainlight and replay'
        WHEN coalesce(request_id, '') = '' THEN 'record line without a request id (r)'
        WHEN us_in_range(started_us) IS NULL THEN 'record line without a start time (t)'
        WHEN coalesce(function_arn, '') = '' THEN 'record line without a function (f)'
        WHEN duration_us NOT BETWEEN 0 AND 1000000000000 THEN 'record line of an impossible length (d)'
    END AS problem
FROM (
    SELECT line_id, log_group, log_stream, logged_us, ingested_us, line_bytes, r.*
    FROM (
        SELECT * EXCLUDE (wire), record_of(wire) AS r
        FROM (
            SELECT
                rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
                CAST(strlen(message) AS INTEGER) AS line_bytes,
                wire_of(message) AS wire
            FROM log_lines
            WHERE kind = 'record'
        )
    )
);

INSERT INTO rejected_lines SELECT line_id, problem FROM record_lines WHERE problem IS NOT NULL;

SELECT
    coalesce(min(started_us), 0) AS from_us,
    coalesce(max(started_us), -1) AS to_us,
    count(*) FILTER (line_part IS NOT NULL) AS parts_count
FROM record_lines
WHERE problem IS NULL;
