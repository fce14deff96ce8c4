-- Which fan-outs wait for a straggler, and which are never joined?
SELECT verdict, caller_function, COUNT(*) AS fan_outs_count, MAX(width) AS width_max,
    QUANTILE_CONT(skew_us, 0.95) AS skew_p95_us, SUM(straggler_usd) AS straggler_usd
FROM joins
GROUP BY verdict, caller_function
ORDER BY straggler_usd DESC NULLS LAST;
