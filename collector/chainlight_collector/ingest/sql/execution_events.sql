-- Which events of executions are these? One row per event that is not yet known. Events without a
-- time (masked) are looked for among all.
CREATE OR REPLACE TEMP TABLE fresh_execution_events AS
SELECT DISTINCT ON (execution_arn, event_id) new.*
FROM (
    SELECT row.*, $seen_us AS seen_us, day_of(coalesce(row.at_us, $seen_us)) AS day
    FROM (
        SELECT unnest(from_json($rows, '[{"execution_arn":"VARCHAR","event_id":"BIGINT","previous_event_id":"BIGINT","event_type":"VARCHAR","at_us":"BIGINT","state_name":"VARCHAR","resource_type":"VARCHAR","resource":"VARCHAR","target":"VARCHAR","is_event_invoke":"BOOLEAN","request_id":"VARCHAR","natural_key":"VARCHAR","error_type":"VARCHAR","items_count":"BIGINT","item_index":"BIGINT"}]')) AS row
    )
) AS new
ANTI JOIN execution_events AS old
    ON new.execution_arn = old.execution_arn AND new.event_id = old.event_id
WHERE event_id IS NOT NULL
ORDER BY ALL;

INSERT INTO execution_events BY NAME SELECT * FROM fresh_execution_events;

SELECT count(*) AS kept_count, min(coalesce(at_us, 0)) AS touched_us FROM fresh_execution_events;
