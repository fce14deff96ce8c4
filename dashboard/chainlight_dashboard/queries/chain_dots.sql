-- Which chains failed or were slow? One row per chain of the window: failed ones first, then the
-- slowest, at most 2,000. Slow is at or above the p95 of those that
-- did not fail. Times in microseconds.
-- columns: chain_id, entry_function, started_us, wall_us, cost_usd, status, mark
WITH chosen AS (
    SELECT
        *,
        quantile_cont(wall_us, 0.95) FILTER (status NOT IN ('failed', 'partial', 'dead_lettered')) OVER ()
            AS wall_p95_us,
        quantile_cont(wall_us, 0.5) OVER () AS wall_p50_us
    FROM chains
    WHERE started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
)
SELECT
    chain_id,
    entry_function,
    epoch_us(started_at) AS started_us,
    wall_us,
    cost_usd,
    status,
    CASE
        WHEN status IN ('failed', 'partial', 'dead_lettered') THEN 'failed'
        WHEN wall_us >= wall_p95_us AND wall_us > wall_p50_us THEN 'slow'
        ELSE 'other'
    END AS mark
FROM chosen
WHERE wall_us IS NOT NULL
ORDER BY mark = 'failed' DESC, wall_us DESC
LIMIT 2000
