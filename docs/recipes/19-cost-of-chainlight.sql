-- What does chainlight itself cost?
SELECT part, SUM(units_count) AS units_count, SUM(units_bytes) AS units_bytes, SUM(cost_usd) AS cost_usd
FROM own_costs
GROUP BY part
ORDER BY cost_usd DESC NULLS LAST;
