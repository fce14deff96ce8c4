-- How did it go over time? One row per twenty-fourth of the time between the first and the last
-- chain of the window, empty ones included. Lengths in microseconds, money in US dollars.
-- columns: bucket, chains_count, failed_share, wall_p95_us, paid_idle_usd, dead_letters_count
WITH chosen AS (
    SELECT *, epoch_us(started_at) AS started_us FROM chains
    WHERE started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
), extent AS (
    SELECT min(started_us) AS first_us, greatest(1, max(started_us) - min(started_us)) AS length_us
    FROM chosen
), placed AS (
    SELECT chosen.*, least(23, (started_us - first_us) * 24 // length_us) AS bucket
    FROM chosen CROSS JOIN extent
)
SELECT
    buckets.bucket,
    count(placed.chain_id) AS chains_count,
    coalesce(
        count(*) FILTER (placed.status IN ('failed', 'partial', 'dead_lettered'))
            / nullif(count(placed.chain_id), 0),
        0
    ) AS failed_share,
    quantile_cont(placed.wall_us, 0.95)::BIGINT AS wall_p95_us,
    coalesce(sum(placed.paid_idle_usd), 0) AS paid_idle_usd,
    coalesce(sum(placed.dead_letters_count), 0)::BIGINT AS dead_letters_count
FROM range(24) AS buckets (bucket)
LEFT JOIN placed ON placed.bucket = buckets.bucket
WHERE EXISTS (FROM chosen)
GROUP BY buckets.bucket
ORDER BY buckets.bucket
