-- What is new of these log groups? One row per group that is not as it was last seen.
CREATE OR REPLACE TEMP TABLE changed_log_groups AS
SELECT row.*
FROM (
    SELECT unnest(from_json($rows, '[{"log_group":"VARCHAR","log_group_arn":"VARCHAR","log_class":"VARCHAR","retention_days":"INTEGER","created_us":"BIGINT","unread_reason":"VARCHAR"}]')) AS row
)
EXCEPT
SELECT * EXCLUDE (observed_us, day)
FROM log_group_configs
QUALIFY row_number() OVER (PARTITION BY log_group ORDER BY observed_us DESC) = 1;

INSERT INTO log_group_configs BY NAME
SELECT *, $seen_us AS observed_us, day_of($seen_us) AS day FROM changed_log_groups;

SELECT count(*) AS kept_count FROM changed_log_groups;
