-- What changed in these routes? One row per route that is not as it was last seen; a known one of
-- the kinds that were listed whole ($kinds) that is not among them has gone.
CREATE OR REPLACE TEMP TABLE newest_routes AS
SELECT route_id, kind, source_arn, target_arn, dlq_arn
FROM dead_letter_routes
QUALIFY row_number() OVER (PARTITION BY route_id ORDER BY observed_us DESC) = 1;

CREATE OR REPLACE TEMP TABLE listed_routes AS
SELECT row.*
FROM (
    SELECT unnest(from_json($rows, '[{"route_id":"VARCHAR","kind":"VARCHAR","source_arn":"VARCHAR","target_arn":"VARCHAR","dlq_arn":"VARCHAR"}]')) AS row
);

CREATE OR REPLACE TEMP TABLE changed_routes AS
SELECT * FROM listed_routes
EXCEPT
SELECT * FROM newest_routes
UNION ALL
SELECT known.* REPLACE (CAST(NULL AS VARCHAR) AS dlq_arn)
FROM newest_routes AS known
ANTI JOIN listed_routes AS listed ON listed.route_id = known.route_id
WHERE known.dlq_arn IS NOT NULL AND list_contains(CAST($kinds AS VARCHAR[]), known.kind);

INSERT INTO dead_letter_routes BY NAME
SELECT *, $seen_us AS observed_us, day_of($seen_us) AS day FROM changed_routes;

SELECT count(*) AS kept_count FROM changed_routes;
