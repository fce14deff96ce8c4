-- Did a shape change against the week before? One row per shape seen in the newest seven days: its
-- figures then and in the seven days before (NULL where it is new), and the ratio of both. Weeks count
-- back from the newest chain. Times in microseconds, money in US dollars.
CREATE OR REPLACE VIEW shape_drift AS
WITH newest AS (
    SELECT MAX(started_us) AS newest_us FROM chain_rows
),

weeks AS (
    SELECT c.*, (n.newest_us - c.started_us) // 604800000000 AS weeks_ago
    FROM chains AS c
    CROSS JOIN newest AS n
    WHERE c.started_us > n.newest_us - 1209600000000
),

weekly AS (
    SELECT
        shape_id,
        weeks_ago,
        ANY_VALUE(shape) AS shape,
        COUNT(*) AS chains_count,
        COUNT(*) FILTER (WHERE status IN ('failed', 'partial', 'dead_lettered')) * 1.0 / COUNT(*)
            AS failed_share,
        QUANTILE_CONT(wall_us, 0.95) AS wall_p95_us,
        AVG(cost_usd) AS cost_usd_mean,
        SUM(paid_idle_usd) / NULLIF(SUM(cost_usd), 0) AS paid_idle_share
    FROM weeks
    GROUP BY shape_id, weeks_ago
)

SELECT
    a.shape_id,
    a.shape,
    a.chains_count,
    b.chains_count AS chains_count_before,
    a.failed_share,
    b.failed_share AS failed_share_before,
    CAST(ROUND(a.wall_p95_us) AS BIGINT) AS wall_p95_us,
    CAST(ROUND(b.wall_p95_us) AS BIGINT) AS wall_p95_us_before,
    a.wall_p95_us / NULLIF(b.wall_p95_us, 0) AS wall_p95_ratio,
    a.cost_usd_mean,
    b.cost_usd_mean AS cost_usd_mean_before,
    a.cost_usd_mean / NULLIF(b.cost_usd_mean, 0) AS cost_ratio,
    a.paid_idle_share,
    b.paid_idle_share AS paid_idle_share_before
FROM weekly AS a
LEFT JOIN weekly AS b ON b.shape_id = a.shape_id AND b.weeks_ago = 1
WHERE a.weeks_ago = 0;
