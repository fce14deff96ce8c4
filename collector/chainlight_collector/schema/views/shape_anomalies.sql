-- Which shapes moved? One row per shape and measure that moved against the week before: 'wall_p95' or
-- 'cost' by the factor drift_ratio_max (up or down), 'failed_share' by three standard errors of a share
-- and drift_failed_min at least. Both weeks need calls_min chains. is_worse: it went up.
CREATE OR REPLACE VIEW shape_anomalies AS
WITH limits_set AS (
    SELECT
        MAX(value) FILTER (WHERE name = 'drift_ratio_max') AS ratio_max,
        MAX(value) FILTER (WHERE name = 'drift_failed_min') AS failed_min,
        MAX(value) FILTER (WHERE name = 'calls_min') AS chains_min
    FROM thresholds
),

judged AS (
    SELECT d.*, s.*
    FROM shape_drift AS d
    CROSS JOIN limits_set AS s
    WHERE d.chains_count >= s.chains_min AND d.chains_count_before >= s.chains_min
)

SELECT
    shape_id, shape, 'wall_p95' AS measure, CAST(wall_p95_us_before AS DOUBLE) AS value_before,
    CAST(wall_p95_us AS DOUBLE) AS value, wall_p95_ratio AS ratio, wall_p95_ratio > 1 AS is_worse
FROM judged
WHERE wall_p95_ratio >= ratio_max OR wall_p95_ratio <= 1 / ratio_max
UNION ALL
SELECT
    shape_id, shape, 'cost' AS measure, cost_usd_mean_before AS value_before,
    cost_usd_mean AS value, cost_ratio AS ratio, cost_ratio > 1 AS is_worse
FROM judged
WHERE cost_ratio >= ratio_max OR cost_ratio <= 1 / ratio_max
UNION ALL
SELECT
    shape_id, shape, 'failed_share' AS measure, failed_share_before AS value_before,
    failed_share AS value, failed_share / NULLIF(failed_share_before, 0) AS ratio,
    failed_share > failed_share_before AS is_worse
FROM judged
WHERE ABS(failed_share - failed_share_before) >= GREATEST(failed_min, 3 * SQRT(
    failed_share * (1 - failed_share) / chains_count
    + failed_share_before * (1 - failed_share_before) / chains_count_before
));
