-- Which records came in pieces? Keeps the new pieces, and joins all known pieces of each record that
-- a new piece belongs to: scalars of the first piece, causes and calls of all, in order.
-- One row per record and finality in joined_records.
CREATE OR REPLACE TEMP TABLE fresh_parts AS
SELECT DISTINCT ON (function_arn, request_id, started_us, is_final, part)
    function_arn, request_id, started_us, is_final, line_part AS part, parts_count,
    new.log_group, new.log_stream, new.logged_us, new.ingested_us,
    line.message AS raw,
    day_of(started_us) AS day
FROM record_lines AS new
JOIN split_lines AS line USING (line_id)
ANTI JOIN (
    SELECT function_arn, request_id, started_us, is_final, part AS line_part
    FROM record_parts
    WHERE started_us BETWEEN $from_us AND $to_us
) AS old USING (function_arn, request_id, started_us, is_final, line_part)
WHERE problem IS NULL AND line_part IS NOT NULL;

INSERT INTO record_parts BY NAME SELECT * FROM fresh_parts;

CREATE OR REPLACE TEMP TABLE joined_records AS
SELECT
    log_group, log_stream, logged_us, ingested_us, is_final, line_bytes,
    r.* EXCLUDE (version, part, level, causes, calls),
    function_of_arn(r.function_arn) AS function_name,
    causes, calls
FROM (
    SELECT
        is_final,
        arg_min(log_group, part) AS log_group,
        arg_min(log_stream, part) AS log_stream,
        arg_min(logged_us, part) AS logged_us,
        arg_min(ingested_us, part) AS ingested_us,
        CAST(sum(strlen(raw)) AS INTEGER) AS line_bytes,
        arg_min(r, part) AS r,
        flatten(list(r.causes ORDER BY part)) AS causes,
        flatten(list(r.calls ORDER BY part)) AS calls
    FROM (
        SELECT * EXCLUDE (wire), record_of(wire) AS r
        FROM (SELECT *, wire_of(raw) AS wire FROM record_parts)
        WHERE started_us BETWEEN $from_us AND $to_us
            AND (function_arn, request_id, started_us) IN (
                SELECT (function_arn, request_id, started_us) FROM fresh_parts
            )
    )
    GROUP BY r.function_arn, r.request_id, r.started_us, is_final
);
