-- How does one shape do in the window? One row, or none where no chain of it ran. Lengths in
-- microseconds; a month is 30 days at the rate of the window's observed days (at least one).
-- columns: shape_id, shape, entry_function, entry_kind, chains_count, failed_count, wall_p50_us,
--   wall_p95_us, answered_p95_us, retries_count, dead_letters_count, cost_usd_month,
--   paid_idle_usd_month, paid_idle_share, newest_chain_id
WITH extent AS (
    SELECT greatest(1.0, (epoch_us(max(started_at)) - epoch_us(min(started_at))) / 86400e6) AS days
    FROM chains
    WHERE started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
)
SELECT
    shape_id,
    any_value(shape) AS shape,
    any_value(entry_function) AS entry_function,
    any_value(entry_kind) AS entry_kind,
    count(*) AS chains_count,
    count(*) FILTER (status IN ('failed', 'partial', 'dead_lettered')) AS failed_count,
    quantile_cont(wall_us, 0.5)::BIGINT AS wall_p50_us,
    quantile_cont(wall_us, 0.95)::BIGINT AS wall_p95_us,
    quantile_cont(answered_us, 0.95)::BIGINT AS answered_p95_us,
    sum(retries_count)::BIGINT AS retries_count,
    sum(dead_letters_count)::BIGINT AS dead_letters_count,
    sum(cost_usd) / any_value(days) * 30 AS cost_usd_month,
    sum(paid_idle_usd) / any_value(days) * 30 AS paid_idle_usd_month,
    sum(paid_idle_usd) / nullif(sum(cost_usd), 0) AS paid_idle_share,
    arg_max(chain_id, started_at) AS newest_chain_id
FROM chains CROSS JOIN extent
WHERE shape_id = $shape_id
  AND started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
GROUP BY shape_id
