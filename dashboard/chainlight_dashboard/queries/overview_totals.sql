-- What happened in the window, in one line? One row. Instants and lengths in microseconds.
-- A month is 30 days at the rate of the observed days, and at least one day counts as observed:
-- ten busy minutes are not multiplied by 4,320.
-- columns: chains_count, failed_count, wall_p95_us, answered_p95_us, paid_idle_usd, cost_usd,
--   first_us, last_us, observed_days, paid_idle_usd_month, paid_idle_share
WITH chosen AS (
    SELECT * FROM chains
    WHERE started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
), totals AS (
    SELECT
        count(*) AS chains_count,
        count(*) FILTER (status IN ('failed', 'partial', 'dead_lettered')) AS failed_count,
        quantile_cont(wall_us, 0.95)::BIGINT AS wall_p95_us,
        quantile_cont(answered_us, 0.95)::BIGINT AS answered_p95_us,
        sum(paid_idle_usd) AS paid_idle_usd,
        sum(cost_usd) AS cost_usd,
        epoch_us(min(started_at)) AS first_us,
        epoch_us(max(started_at)) AS last_us
    FROM chosen
)
SELECT
    *,
    greatest(1.0, (last_us - first_us) / 86400e6) AS observed_days,
    paid_idle_usd / greatest(1.0, (last_us - first_us) / 86400e6) * 30 AS paid_idle_usd_month,
    paid_idle_usd / nullif(cost_usd, 0) AS paid_idle_share
FROM totals
