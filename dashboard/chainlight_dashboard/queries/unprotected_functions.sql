-- Which async functions lose an event when all retries fail? One row per function that is invoked
-- asynchronously and has neither a DLQ nor an on-failure destination, most failed events first.
-- is_config_known is false where its configuration was never read: it may have one.
-- columns: function_name, function_arn, owner, invocations_count, error_share, failed_count,
--   max_retry_attempts, is_config_known
SELECT
    function_name, function_arn, owner, invocations_count, error_share,
    round(invocations_count * error_share)::BIGINT AS failed_count, max_retry_attempts,
    timeout_s IS NOT NULL AS is_config_known
FROM functions
WHERE is_async_target AND dlq_arn IS NULL AND on_failure_arn IS NULL
ORDER BY is_config_known DESC, failed_count DESC NULLS LAST, invocations_count DESC, function_name
