-- How long do the chains of a shape take? One row per step of a logarithmic scale (twelve steps a
-- decade) in which a chain of the window ended. Lengths in microseconds.
-- columns: from_wall_us, to_wall_us, ok_count, failed_count
WITH placed AS (
    SELECT
        floor(log10(greatest(wall_us, 1)) * 12) AS step,
        status IN ('failed', 'partial', 'dead_lettered') AS is_failed
    FROM chains
    WHERE shape_id = $shape_id AND wall_us IS NOT NULL
      AND started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
)
SELECT
    pow(10, step / 12) AS from_wall_us,
    pow(10, (step + 1) / 12) AS to_wall_us,
    count(*) FILTER (NOT is_failed) AS ok_count,
    count(*) FILTER (is_failed) AS failed_count
FROM placed
GROUP BY step
ORDER BY step
