-- Which messages of this chain ended in a dead-letter queue? One row per message.
-- columns: queue_arn, message_id, request_id, function_name, condition, error_message,
--   attempts_count, is_gone
SELECT
    queue_arn, message_id, request_id, function_name,
    condition, error_message, attempts_count,
    coalesce(is_gone, false) AS is_gone
FROM dead_letters
WHERE chain_id = $chain_id
ORDER BY first_seen_at
