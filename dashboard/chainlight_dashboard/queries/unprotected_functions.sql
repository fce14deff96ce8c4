-- Which async functions lose an event when all retries fail? One row per function that is invoked
-- asynchronously and has neither a DLQ nor an on-failure destination, most failed events first.
-- columns: function_name, function_arn, owner, invocations_count, error_share, failed_count,
--   max_retry_attempts
SELECT
    function_name, function_arn, owner, invocations_count, error_share,
    round(invocations_count * error_share)::BIGINT AS failed_count, max_retry_attempts
FROM functions
WHERE is_async_target AND dlq_arn IS NULL AND on_failure_arn IS NULL
ORDER BY failed_count DESC NULLS LAST, invocations_count DESC, function_name
