-- Which chain shows most at a glance? One row: the chain with dead letters and the most attempts.
SELECT chain_id
FROM chains
ORDER BY dead_letters_count DESC, retries_count DESC, attempts_count DESC, chain_id
LIMIT 1
