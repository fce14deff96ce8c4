-- Which messages are dead? One row per message, oldest first, at most 1,000; $queue_arn may be
-- NULL for all queues, messages that are gone come last. Instants in microseconds. A message that
-- names no function is named by its request id, else by the call that sent it.
-- columns: message_id, queue_arn, source, function_name, condition, error_code, error_message,
--   attempts_count, sent_us, last_seen_us, is_gone, chain_id, request_id
SELECT
    letters.message_id, letters.queue_arn, letters.source,
    coalesce(
        letters.function_name,
        (
            SELECT min(members.function_name) FROM chain_members AS members
            WHERE members.chain_id = letters.chain_id
              AND members.request_id = letters.request_id
        ),
        (
            SELECT min(links.callee_function) FROM calls JOIN links USING (call_id)
            WHERE calls.natural_key = letters.message_id
        )
    ) AS function_name,
    letters.condition, letters.error_code, letters.error_message, letters.attempts_count,
    epoch_us(coalesce(letters.sent_at, letters.first_seen_at)) AS sent_us,
    epoch_us(letters.last_seen_at) AS last_seen_us, coalesce(letters.is_gone, false) AS is_gone,
    letters.chain_id, letters.request_id
FROM dead_letters AS letters
WHERE $queue_arn IS NULL OR letters.queue_arn = $queue_arn
ORDER BY coalesce(letters.is_gone, false), sent_us
LIMIT 1000
