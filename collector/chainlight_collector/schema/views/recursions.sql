-- Who calls itself, and how deep? One row per function and depth of recursion (ancestors of the same
-- function on the way from the entry); a histogram. is_warning from the threshold recursion_depth_max
-- (8) on: AWS stops a function after about 16 invocations in one chain.
CREATE OR REPLACE VIEW recursions AS
SELECT
    t.function_name,
    t.recursion_depth,
    COUNT(*) AS invocations_count,
    COUNT(DISTINCT t.chain_id) AS chains_count,
    t.recursion_depth >= ANY_VALUE(w.value) AS is_warning,
    MIN(t.chain_id) AS example_chain_id
FROM timeline_rows AS t
CROSS JOIN (SELECT value FROM thresholds WHERE name = 'recursion_depth_max') AS w
WHERE t.recursion_depth > 0
GROUP BY t.function_name, t.recursion_depth;
