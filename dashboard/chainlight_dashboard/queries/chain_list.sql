-- Which chains ran in the window? One row per chain that carries all of $tags, newest first, at
-- most $rows_max. Slow is at or above the p95 of wall
-- time of the window's chains that did not fail; waiting is a fifth or more of the
-- cost paid for idle. $shape_id and $text may be NULL. Times in microseconds.
-- columns: chain_id, status, entry_function, entry_kind, shape, started_us, wall_us, answered_us,
--   attempts_count, retries_count, cold_starts_count, paid_idle_share, paid_idle_usd, cost_usd,
--   dead_letters_count, tags
WITH chosen AS (
    SELECT
        *,
        paid_idle_usd / nullif(cost_usd, 0) AS paid_idle_share,
        quantile_cont(wall_us, 0.95) FILTER (status NOT IN ('failed', 'partial', 'dead_lettered')) OVER ()
            AS wall_p95_us,
        quantile_cont(wall_us, 0.5) OVER () AS wall_p50_us
    FROM chains
    WHERE started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
), tagged AS (
    SELECT
        *,
        list_filter([
            CASE WHEN status IN ('failed', 'partial', 'dead_lettered') THEN 'failed' END,
            CASE WHEN wall_us >= wall_p95_us AND wall_us > wall_p50_us THEN 'slow' END,
            CASE WHEN retries_count > 0 THEN 'retried' END,
            CASE WHEN paid_idle_share >= 0.2 THEN 'waiting' END,
            CASE WHEN dead_letters_count > 0 THEN 'dlq' END,
            CASE WHEN cold_starts_count > 0 THEN 'cold' END
        ], lambda tag: tag IS NOT NULL) AS tags
    FROM chosen
    WHERE ($shape_id IS NULL OR shape_id = $shape_id)
      AND ($text IS NULL OR contains(lower(shape), lower($text)) OR contains(chain_id, $text))
      AND ($chain_ids IS NULL OR chain_id IN (SELECT unnest($chain_ids::VARCHAR[])))
)
SELECT
    chain_id, status, entry_function, entry_kind, shape, epoch_us(started_at) AS started_us,
    wall_us, answered_us, attempts_count, retries_count, cold_starts_count, paid_idle_share,
    paid_idle_usd, cost_usd, dead_letters_count, tags
FROM tagged
WHERE list_has_all(tags, $tags)
ORDER BY started_at DESC
LIMIT $rows_max
