-- Has a shape changed since last week? One row per week before its newest chain: week 0 is the
-- newest seven days, week 1 the seven before. Lengths in microseconds, money per chain.
-- columns: week, chains_count, failed_share, wall_p50_us, wall_p95_us, cost_usd, paid_idle_share,
--   retries_per_chain
WITH own AS (
    SELECT *, max(started_at) OVER () AS newest_at FROM chains WHERE shape_id = $shape_id
), placed AS (
    SELECT *, (epoch_us(newest_at) - epoch_us(started_at)) // 604800000000 AS week
    FROM own
    WHERE started_at > newest_at - INTERVAL 14 DAY
)
SELECT
    week,
    count(*) AS chains_count,
    count(*) FILTER (status IN ('failed', 'partial', 'dead_lettered')) / count(*) AS failed_share,
    quantile_cont(wall_us, 0.5)::BIGINT AS wall_p50_us,
    quantile_cont(wall_us, 0.95)::BIGINT AS wall_p95_us,
    avg(cost_usd) AS cost_usd,
    sum(paid_idle_usd) / nullif(sum(cost_usd), 0) AS paid_idle_share,
    avg(retries_count) AS retries_per_chain
FROM placed
GROUP BY week
ORDER BY week
