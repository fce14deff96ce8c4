-- Which results does nobody read?
SELECT caller_function, callee_function, calls_count, result_read_share, paid_idle_usd
FROM edges
WHERE mode = 'sync' AND result_read_share < 0.05
ORDER BY paid_idle_usd DESC NULLS LAST;
