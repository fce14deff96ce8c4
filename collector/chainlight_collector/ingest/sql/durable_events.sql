-- Which events of durable executions are these? One row per event that is not yet known.
CREATE OR REPLACE TEMP TABLE fresh_durable_events AS
SELECT DISTINCT ON (execution_arn, event_id) new.*
FROM (
    SELECT row.*, $seen_us AS seen_us, day_of(coalesce(row.at_us, $seen_us)) AS day
    FROM (
        SELECT unnest(from_json($rows, '[{"execution_arn":"VARCHAR","event_id":"BIGINT","event_type":"VARCHAR","sub_type":"VARCHAR","at_us":"BIGINT","operation_id":"VARCHAR","parent_id":"VARCHAR","operation_name":"VARCHAR","target":"VARCHAR","natural_key":"VARCHAR","request_id":"VARCHAR","started_us":"BIGINT","ended_us":"BIGINT","scheduled_end_us":"BIGINT","try_number":"INTEGER","error_type":"VARCHAR"}]')) AS row
    )
) AS new
ANTI JOIN durable_events AS old
    ON new.execution_arn = old.execution_arn AND new.event_id = old.event_id
WHERE event_id IS NOT NULL
ORDER BY ALL;

INSERT INTO durable_events BY NAME SELECT * FROM fresh_durable_events;

SELECT count(*) AS kept_count, min(coalesce(at_us, 0)) AS touched_us FROM fresh_durable_events;
