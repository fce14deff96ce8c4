-- Which messages are dead? One row per message, oldest first, at most 1,000; $queue_arn may be
-- NULL for all queues, messages that are gone come last. Instants in microseconds.
-- columns: message_id, queue_arn, source, function_name, condition, error_code, error_message,
--   attempts_count, sent_us, last_seen_us, is_gone, chain_id, request_id
SELECT
    message_id, queue_arn, source, function_name,
    condition, error_code, error_message, attempts_count,
    epoch_us(coalesce(sent_at, first_seen_at)) AS sent_us,
    epoch_us(last_seen_at) AS last_seen_us, coalesce(is_gone, false) AS is_gone,
    chain_id, request_id
FROM dead_letters
WHERE $queue_arn IS NULL OR queue_arn = $queue_arn
ORDER BY coalesce(is_gone, false), sent_us
LIMIT 1000
