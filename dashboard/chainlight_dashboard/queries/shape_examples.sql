-- Which chains of a shape are worth a look? At most one row each for the fastest, the median, the
-- slowest, the most expensive and the newest failed chain of the window. Lengths in microseconds.
-- columns: example, chain_id, started_us, wall_us, cost_usd, paid_idle_share, status
WITH chosen AS (
    SELECT
        *,
        row_number() OVER (ORDER BY wall_us) AS place,
        count(*) OVER () AS chains_count,
        status IN ('failed', 'partial', 'dead_lettered') AS is_failed
    FROM chains
    WHERE shape_id = $shape_id AND wall_us IS NOT NULL
      AND started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
), named AS (
    SELECT 1 AS rank, 'median' AS example, * FROM chosen WHERE place = (chains_count + 1) // 2
    UNION ALL
    SELECT 2, 'fastest', * FROM chosen WHERE place = 1
    UNION ALL
    SELECT 3, 'slowest', * FROM chosen WHERE place = chains_count
    UNION ALL
    (SELECT 4, 'most expensive', * FROM chosen ORDER BY cost_usd DESC NULLS LAST, place LIMIT 1)
    UNION ALL
    (SELECT 5, 'newest failed', * FROM chosen WHERE is_failed ORDER BY started_at DESC LIMIT 1)
)
SELECT
    example, chain_id, epoch_us(started_at) AS started_us, wall_us, cost_usd,
    paid_idle_usd / nullif(cost_usd, 0) AS paid_idle_share, status
FROM named
ORDER BY rank
