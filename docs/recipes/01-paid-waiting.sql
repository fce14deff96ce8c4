-- Who pays most for standing idle, and for whom?
SELECT caller_function, callee_function, calls_count, wait_p95_us, paid_idle_usd
FROM edges
WHERE mode = 'sync'
ORDER BY paid_idle_usd DESC NULLS LAST
LIMIT 20;
