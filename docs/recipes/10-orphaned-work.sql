-- What kept running after its caller had given up?
SELECT caller_function, callee_function, COUNT(*) AS orphans_count,
    SUM(orphan_us) AS orphan_us, SUM(orphan_usd) AS orphan_usd
FROM orphans
GROUP BY caller_function, callee_function
ORDER BY orphan_usd DESC;
