-- What changed in these mappings? One row per mapping that is not as it was last seen; a known one
-- that is not among them has been deleted.
CREATE OR REPLACE TEMP TABLE newest_mappings AS
SELECT * EXCLUDE (observed_us, day)
FROM event_source_mappings
QUALIFY row_number() OVER (PARTITION BY mapping_id ORDER BY observed_us DESC) = 1;

CREATE OR REPLACE TEMP TABLE listed_mappings AS
SELECT row.*
FROM (
    SELECT unnest(from_json($rows, '[{"mapping_id":"VARCHAR","function_name":"VARCHAR","function_arn":"VARCHAR","event_source_arn":"VARCHAR","state":"VARCHAR","batch_size_count":"INTEGER","batch_window_s":"INTEGER","max_concurrency":"INTEGER","max_retry_attempts":"INTEGER","max_record_age_s":"INTEGER","parallelization_factor":"INTEGER","bisects_on_error":"BOOLEAN","reports_item_failures":"BOOLEAN","on_failure_arn":"VARCHAR"}]')) AS row
);

CREATE OR REPLACE TEMP TABLE changed_mappings AS
SELECT * FROM listed_mappings
EXCEPT
SELECT * FROM newest_mappings
UNION ALL
SELECT known.* REPLACE ('Deleted' AS state)
FROM newest_mappings AS known
ANTI JOIN listed_mappings AS listed ON listed.mapping_id = known.mapping_id
WHERE known.state <> 'Deleted';

INSERT INTO event_source_mappings BY NAME
SELECT *, $seen_us AS observed_us, day_of($seen_us) AS day FROM changed_mappings;

SELECT count(*) AS kept_count FROM changed_mappings;
