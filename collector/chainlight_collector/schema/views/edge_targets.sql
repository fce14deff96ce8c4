-- Which queue, topic or address does each edge go through? One row per edge and target.
CREATE OR REPLACE VIEW edge_targets AS
SELECT DISTINCT edge_id, kind, target_name FROM edge_day_rows;
