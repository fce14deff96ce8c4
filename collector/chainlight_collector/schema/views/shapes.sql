-- Which kinds of chains are there? One row per shape: chains that took the same path. Times in
-- microseconds, money in US dollars at list price. failed: every chain that is not 'ok' or 'running'.
CREATE OR REPLACE VIEW shapes AS
SELECT
    shape_id,
    ANY_VALUE(shape) AS shape,
    ANY_VALUE(entry_function) AS entry_function,
    COUNT(*) AS chains_count,
    COUNT(*) FILTER (WHERE status IN ('failed', 'partial', 'dead_lettered')) * 1.0 / COUNT(*)
        AS failed_share,
    CAST(ROUND(QUANTILE_CONT(wall_us, 0.5)) AS BIGINT) AS wall_p50_us,
    CAST(ROUND(QUANTILE_CONT(wall_us, 0.95)) AS BIGINT) AS wall_p95_us,
    CAST(ROUND(QUANTILE_CONT(answered_us, 0.95)) AS BIGINT) AS answered_p95_us,
    SUM(retries_count) * 1.0 / COUNT(*) AS retries_per_chain,
    SUM(cold_starts_count) * 1.0 / COUNT(*) AS cold_starts_per_chain,
    SUM(cost_usd) AS cost_usd,
    SUM(paid_idle_usd) AS paid_idle_usd,
    SUM(paid_idle_usd) / NULLIF(SUM(cost_usd), 0) AS paid_idle_share,
    MIN(started_at) AS first_at,
    MAX(started_at) AS last_at,
    MAX_BY(chain_id, started_us) AS newest_chain_id
FROM chains
GROUP BY shape_id;
