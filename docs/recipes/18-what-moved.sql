-- What changed since last week?
SELECT shape, measure, value_before, value, ratio, is_worse
FROM shape_anomalies
ORDER BY is_worse DESC, ratio DESC;
