-- What did the layer see? One row per execution that is not yet known, or that is known only from
-- the record printed before its timeout, or from fewer pieces: those rows are replaced.
CREATE OR REPLACE TEMP TABLE fresh_records AS
SELECT DISTINCT ON (function_arn, request_id, started_us) *
FROM (
    SELECT
        log_group, log_stream, logged_us, ingested_us, r.* EXCLUDE (version, part, level),
        r.outcome <> 'timeout' AS is_final, false AS is_joined
    FROM record_lines
    WHERE problem IS NULL AND line_part IS NULL
    UNION ALL BY NAME
    SELECT
        log_group, log_stream, logged_us, ingested_us,
        r.* EXCLUDE (version, part, level, causes, calls), causes, calls,
        r.outcome <> 'timeout' AS is_final, true AS is_joined
    FROM joined_records
) AS new
ANTI JOIN (
    SELECT function_arn, request_id, started_us, outcome <> 'timeout' AS was_final
    FROM records
    WHERE started_us BETWEEN $from_us AND $to_us
) AS old
    ON new.function_arn = old.function_arn
    AND new.request_id = old.request_id
    AND new.started_us = old.started_us
    AND ((old.was_final AND NOT new.is_final)
        OR (old.was_final = new.is_final AND NOT new.is_joined))
ORDER BY is_final DESC;

CREATE OR REPLACE TEMP TABLE replaced_records AS
SELECT old.function_name, old.function_arn, old.request_id, old.started_us
FROM records AS old
SEMI JOIN fresh_records AS new
    ON new.function_arn = old.function_arn
    AND new.request_id = old.request_id
    AND new.started_us = old.started_us
WHERE old.started_us BETWEEN $from_us AND $to_us;

SELECT count(*) AS replaced_count FROM replaced_records;
