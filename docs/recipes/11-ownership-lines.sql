-- Which calls cross an ownership line, and how often?
SELECT a.owner AS caller_owner, b.owner AS callee_owner, SUM(e.calls_count) AS calls_count,
    SUM(e.paid_idle_usd) AS paid_idle_usd
FROM edges AS e
LEFT JOIN owners AS a ON a.function_name = e.caller_function
LEFT JOIN owners AS b ON b.function_name = e.callee_function
WHERE e.crosses_owner OR e.crosses_account
GROUP BY a.owner, b.owner
ORDER BY calls_count DESC;
