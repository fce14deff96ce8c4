-- Which chains took longest today, and where is their critical path?
SELECT c.chain_id, c.shape, c.wall_us,
    LIST(t.function_name ORDER BY t.row) FILTER (WHERE t.is_on_critical_path) AS critical_path
FROM chains AS c
INNER JOIN chain_timeline AS t ON t.chain_id = c.chain_id
GROUP BY c.chain_id, c.shape, c.wall_us
ORDER BY c.wall_us DESC
LIMIT 10;
