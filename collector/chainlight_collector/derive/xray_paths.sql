-- What was the time along each touched trace's critical path spent on? One row per step, from the
-- variable path_rows: a JSON list of [trace, number, node, category, start, end, cold start?].
DELETE FROM xray_path_rows WHERE trace_id IN (SELECT trace_id FROM touched_traces);
INSERT INTO xray_path_rows BY NAME
SELECT
    step->>0 AS trace_id,
    CAST(step->>1 AS INTEGER) AS step_number,
    step->>2 AS node_id,
    step->>3 AS category,
    CAST(step->>4 AS BIGINT) AS started_us,
    CAST(step->>5 AS BIGINT) AS ended_us,
    CAST(step->>5 AS BIGINT) - CAST(step->>4 AS BIGINT) AS length_us,
    CAST(step->>6 AS BOOLEAN) AS is_cold_start,
    CAST(make_timestamp(CAST(step->>4 AS BIGINT)) AS DATE) AS day
FROM (SELECT UNNEST(from_json(getvariable('path_rows'), '["JSON"]')) AS step);
