-- What the time along a trace's critical path was spent on: one row per step, which adjoin.
-- Key: trace_id, step_number. node_id: the segment or subsegment charged. length_us is below 0
-- where clocks disagree, or where children that ran side by side were each charged whole.
-- category: 'orchestration','trigger','container_init','runtime_init','compute','queue','overhead',
-- 'external','unclassified'.
CREATE TABLE IF NOT EXISTS xray_path_rows (
    trace_id VARCHAR,
    step_number INTEGER,
    node_id VARCHAR,
    category VARCHAR,
    started_us BIGINT,
    ended_us BIGINT,
    length_us BIGINT,
    is_cold_start BOOLEAN,
    day DATE
);
