-- Which thresholds are crossed right now? One row per raised alert. Instants in microseconds.
-- columns: measure, value, direction, threshold, words, since_us, observed_us
SELECT measure, value, direction, threshold, words, since_us, observed_us
FROM alerts
WHERE is_raised
ORDER BY since_us, measure
