-- Do retries help, and what do failed attempts cost?
SELECT function_name, retried_count, recovered_count, exhausted_count, wasted_usd
FROM retries
WHERE retried_count > 0
ORDER BY wasted_usd DESC;
