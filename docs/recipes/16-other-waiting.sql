-- Where do functions wait for services that start nothing (S3, DynamoDB, HTTP)?
SELECT function_name, service, SUM(calls_count) AS calls_count, SUM(wait_us) AS wait_us,
    SUM(wait_usd) AS wait_usd
FROM other_waits
GROUP BY function_name, service
ORDER BY wait_usd DESC NULLS LAST;
