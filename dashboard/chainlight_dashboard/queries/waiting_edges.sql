-- Who pays for whom? One row per caller, callee, kind and mode with calls in the window, most money
-- burnt waiting first. Lengths in microseconds; a month is 30 days at the rate of the window's
-- observed days (at least one).
-- columns: caller_function, callee_function, kind, mode, calls_count, failed_share, wait_p50_us,
--   wait_p95_us, queued_p95_us, result_read_share, paid_idle_us, paid_idle_usd,
--   paid_idle_usd_month, is_callee_seen, observed_days
WITH chosen AS (
    SELECT * FROM edge_calls
    WHERE started_us >= $from_us AND started_us < $to_us
      AND ($text IS NULL OR contains(lower(caller_function), lower($text))
           OR contains(lower(callee_function), lower($text)))
), extent AS (
    SELECT greatest(1.0, (max(started_us) - min(started_us)) / 86400e6) AS days FROM chosen
), measured AS (
    SELECT
        caller_function, callee_function, kind, mode,
        count(*) AS calls_count,
        count(*) FILTER (is_failed) / count(*) AS failed_share,
        quantile_cont(wait_us, 0.5)::BIGINT AS wait_p50_us,
        quantile_cont(wait_us, 0.95)::BIGINT AS wait_p95_us,
        quantile_cont(queued_us, 0.95)::BIGINT AS queued_p95_us,
        avg(result_was_read::INTEGER) AS result_read_share,
        sum(paid_idle_us)::BIGINT AS paid_idle_us,
        sum(paid_idle_usd) AS paid_idle_usd,
        sum(paid_idle_usd) / any_value(days) * 30 AS paid_idle_usd_month,
        bool_or(is_callee_seen) AS is_callee_seen,
        any_value(days) AS observed_days
    FROM chosen CROSS JOIN extent
    GROUP BY ALL
)
SELECT * FROM measured
WHERE NOT $is_waiting_only OR paid_idle_usd > 0
ORDER BY paid_idle_usd_month DESC NULLS LAST, calls_count DESC, caller_function, callee_function
LIMIT 1000
