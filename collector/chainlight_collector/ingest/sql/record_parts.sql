-- Which records came in pieces? Keeps the new pieces, and joins all known pieces of each record that
-- a new piece belongs to: scalars of the first piece, causes and calls of all, in order.
-- One row per record and finality in joined_records.
CREATE OR REPLACE TEMP TABLE fresh_parts AS
SELECT DISTINCT ON (function_arn, request_id, started_us, is_final, part)
    r.function_arn AS function_arn,
    r.request_id AS request_id,
    r.started_us AS started_us,
    r.outcome <> 'timeout' AS is_final,
    line_part AS part,
    new.parts_count AS parts_count,
    log_group, log_stream, logged_us, ingested_us,
    message AS raw,
    day_of(r.started_us) AS day
FROM record_lines AS new
ANTI JOIN (
    SELECT function_arn, request_id, started_us, is_final, part
    FROM record_parts
    WHERE started_us BETWEEN $from_us AND $to_us
) AS old
    ON new.r.function_arn = old.function_arn
    AND new.r.request_id = old.request_id
    AND new.r.started_us = old.started_us
    AND (new.r.outcome <> 'timeout') = old.is_final
    AND new.line_part = old.part
WHERE problem IS NULL AND line_part IS NOT NULL;

INSERT INTO record_parts BY NAME SELECT * FROM fresh_parts;

CREATE OR REPLACE TEMP TABLE joined_records AS
SELECT
    arg_min(log_group, part) AS log_group,
    arg_min(log_stream, part) AS log_stream,
    arg_min(logged_us, part) AS logged_us,
    arg_min(ingested_us, part) AS ingested_us,
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
GROUP BY r.function_arn, r.request_id, r.started_us, is_final;
