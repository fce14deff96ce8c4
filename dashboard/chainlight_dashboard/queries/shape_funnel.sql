-- How many executions did it take? One row per attempt number of a shape's invocations in the
-- window's newest $chains_max chains, and one row (attempt_number NULL) for the dead letters.
-- columns: attempt_number, started_count, failed_count
WITH chosen AS (
    SELECT chain_id FROM chains
    WHERE shape_id = $shape_id
      AND started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
    ORDER BY started_at DESC
    LIMIT $chains_max
), ran AS (
    SELECT DISTINCT attempts.function_name, attempts.request_id, attempts.attempt_number, attempts.outcome
    FROM chain_members AS members
    JOIN attempts USING (function_name, request_id, attempt_number)
    WHERE members.chain_id IN (FROM chosen)
)
SELECT
    attempt_number,
    count(*) AS started_count,
    count(*) FILTER (outcome IN ('error', 'timeout', 'crash', 'throttled')) AS failed_count
FROM ran
GROUP BY attempt_number
UNION ALL
SELECT NULL, count(*), count(*) FROM dead_letters WHERE chain_id IN (FROM chosen)
ORDER BY attempt_number NULLS LAST
