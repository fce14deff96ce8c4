-- What changed in where these queues send their dead letters? One row per queue whose policy is not
-- the newest one known.
CREATE OR REPLACE TEMP TABLE changed_redrives AS
SELECT row.*
FROM (
    SELECT unnest(from_json($rows, '[{"queue_arn":"VARCHAR","dlq_arn":"VARCHAR","max_receive_count":"INTEGER","visibility_timeout_s":"INTEGER"}]')) AS row
)
EXCEPT
SELECT * EXCLUDE (observed_us, day)
FROM queue_redrives
QUALIFY row_number() OVER (PARTITION BY queue_arn ORDER BY observed_us DESC) = 1;

INSERT INTO queue_redrives BY NAME
SELECT *, $seen_us AS observed_us, day_of($seen_us) AS day FROM changed_redrives;

SELECT count(*) AS kept_count FROM changed_redrives;
