-- Which async functions lose an event for good when the last retry fails?
SELECT function_name, owner, invocations_count, failed_count
FROM functions
WHERE is_async_target AND has_config AND dlq_arn IS NULL AND on_failure_arn IS NULL
ORDER BY failed_count DESC NULLS LAST;
