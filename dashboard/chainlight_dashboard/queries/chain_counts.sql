-- How many chains of the window carry each tag? One row; the tags are those of chain_list.
-- columns: all_count, failed_count, slow_count, retried_count, waiting_count, dlq_count, cold_count
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
    count(*) AS all_count,
    count(*) FILTER (list_contains(tags, 'failed')) AS failed_count,
    count(*) FILTER (list_contains(tags, 'slow')) AS slow_count,
    count(*) FILTER (list_contains(tags, 'retried')) AS retried_count,
    count(*) FILTER (list_contains(tags, 'waiting')) AS waiting_count,
    count(*) FILTER (list_contains(tags, 'dlq')) AS dlq_count,
    count(*) FILTER (list_contains(tags, 'cold')) AS cold_count
FROM tagged
