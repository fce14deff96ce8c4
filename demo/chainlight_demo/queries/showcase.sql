-- Which chain shows most at a glance? One row: one with a dead letter and retries, few cold starts.
SELECT chain_id
FROM chains
ORDER BY dead_letters_count DESC, retries_count DESC, cold_starts_count, attempts_count DESC, chain_id
LIMIT 1
