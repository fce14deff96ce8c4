-- Which of these points are new, and which have grown? Replaces what is not as it was.
CREATE OR REPLACE TEMP TABLE fresh_points AS
SELECT DISTINCT ON (function_name, metric, started_us, period_us)
    *, day_of(started_us) AS day
FROM (
    SELECT row.*
    FROM (
        SELECT unnest(from_json($rows, '[{"function_name":"VARCHAR","metric":"VARCHAR","statistic":"VARCHAR","unit":"VARCHAR","started_us":"BIGINT","period_us":"BIGINT","value":"DOUBLE"}]')) AS row
    )
) AS new
ANTI JOIN metric_points AS old
    ON new.function_name = old.function_name
    AND new.metric = old.metric
    AND new.started_us = old.started_us
    AND new.period_us = old.period_us
    AND new.value = old.value;

DELETE FROM metric_points AS old
USING fresh_points AS new
WHERE new.function_name = old.function_name
    AND new.metric = old.metric
    AND new.started_us = old.started_us
    AND new.period_us = old.period_us;

INSERT INTO metric_points BY NAME SELECT * FROM fresh_points;

SELECT count(*) AS kept_count FROM fresh_points;
