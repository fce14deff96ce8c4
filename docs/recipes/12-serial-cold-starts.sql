-- Which chains waited for several cold starts, one after the other?
SELECT chain_id, shape, cold_starts_count, wall_us
FROM chains
WHERE cold_starts_count > 1
ORDER BY cold_starts_count DESC, wall_us DESC
LIMIT 20;
