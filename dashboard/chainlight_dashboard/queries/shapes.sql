-- Which shapes burn the most money waiting? One row per shape, most paid idle first.
-- A month is 30 days at the rate of the window's observed days (at least one).
-- columns: shape_id, shape, chains_count, failed_share, wall_p95_us, retries_per_chain,
--   paid_idle_share, paid_idle_usd_month, cost_usd_month, wall_us_latest
WITH chosen AS (
    SELECT * FROM chains
    WHERE started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
), extent AS (
    SELECT greatest(1.0, (epoch_us(max(started_at)) - epoch_us(min(started_at))) / 86400e6) AS days
    FROM chosen
)
SELECT
    shape_id,
    any_value(shape) AS shape,
    count(*) AS chains_count,
    count(*) FILTER (status IN ('failed', 'partial', 'dead_lettered')) / count(*) AS failed_share,
    quantile_cont(wall_us, 0.95)::BIGINT AS wall_p95_us,
    sum(retries_count) / count(*) AS retries_per_chain,
    sum(paid_idle_usd) / nullif(sum(cost_usd), 0) AS paid_idle_share,
    sum(paid_idle_usd) / any_value(days) * 30 AS paid_idle_usd_month,
    sum(cost_usd) / any_value(days) * 30 AS cost_usd_month,
    list_reverse(list(wall_us ORDER BY started_at DESC)[:24]) AS wall_us_latest
FROM chosen CROSS JOIN extent
GROUP BY shape_id
ORDER BY paid_idle_usd_month DESC NULLS LAST, chains_count DESC
LIMIT 200
