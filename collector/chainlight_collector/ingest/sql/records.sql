-- What did the layer see? Chooses one line per execution that is not yet known, or that is known
-- only from the record printed before its timeout, or from fewer pieces: those rows are replaced.
-- Of several lines for one execution the final one is chosen, of those the one made of pieces:
-- choice_rank 0 is final and joined, 1 final, 2 early and joined, 3 early.
CREATE OR REPLACE TEMP TABLE fresh_choices AS
SELECT
    function_arn, request_id, started_us,
    choice // 1152921504606846976 AS choice_rank,
    choice % 1152921504606846976 AS place
FROM (
    SELECT function_arn, request_id, started_us,
        min((CASE WHEN is_final THEN 0 ELSE 2 END + CASE WHEN is_joined THEN 0 ELSE 1 END)
            * 1152921504606846976 + place) AS choice
    FROM (
        SELECT function_arn, request_id, started_us, is_final, false AS is_joined, line_id AS place
        FROM record_lines
        WHERE problem IS NULL AND line_part IS NULL
        UNION ALL
        SELECT function_arn, request_id, started_us, is_final, true, rowid
        FROM joined_records
    )
    GROUP BY function_arn, request_id, started_us
) AS new
ANTI JOIN (
    SELECT function_arn, request_id, started_us, outcome <> 'timeout' AS was_final
    FROM records
    WHERE started_us BETWEEN $from_us AND $to_us
) AS old
    ON new.function_arn = old.function_arn
    AND new.request_id = old.request_id
    AND new.started_us = old.started_us
    AND choice // 1152921504606846976 >= CASE WHEN was_final THEN 1 ELSE 3 END;

CREATE OR REPLACE TEMP TABLE replaced_records AS
SELECT old.function_name, old.function_arn, old.request_id, old.started_us
FROM records AS old
SEMI JOIN fresh_choices AS new
    ON new.function_arn = old.function_arn
    AND new.request_id = old.request_id
    AND new.started_us = old.started_us
WHERE old.started_us BETWEEN $from_us AND $to_us;

SELECT
    (SELECT count(*) FROM replaced_records) AS replaced_count,
    (SELECT count(*) FROM fresh_choices) = (SELECT count(*) FROM record_lines)
        AND NOT EXISTS (SELECT 1 FROM joined_records) AS is_every_line_chosen;
