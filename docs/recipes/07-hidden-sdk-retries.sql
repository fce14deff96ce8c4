-- Which calls did boto3 repeat behind my back, and how do I stop it?
SELECT caller_function, callee_function, COUNT(*) AS calls_count, SUM(executions_count) AS executions_count,
    SUM(duplicated_usd) AS duplicated_usd, ANY_VALUE(advice) AS advice
FROM sdk_retries
GROUP BY caller_function, callee_function
ORDER BY duplicated_usd DESC;
