-- How is each function configured now? One row per function_name: the newest observation of it.
CREATE OR REPLACE VIEW function_newest AS
WITH ranked AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY function_name ORDER BY observed_us DESC, function_arn
        ) AS age_rank
    FROM function_configs
)
SELECT * EXCLUDE (age_rank) FROM ranked WHERE age_rank = 1;
