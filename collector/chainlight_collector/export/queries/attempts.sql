-- Which executions belong to the chain? One row per attempt, with the part of it that is this
-- chain's (`share`) and its depth below the entry.
SELECT members.chain_id, members.share, members.depth, attempts.* EXCLUDE (chain_id)
FROM chain_members AS members
JOIN attempts USING (function_name, request_id, attempt_number)
WHERE members.chain_id = $chain_id
ORDER BY attempts.started_us, attempts.function_name, attempts.attempt_number
