-- Which messages of this chain ended in a dead-letter queue? One row per message. A message that
-- names no function is named by its request id, else by the call that sent it.
-- columns: queue_arn, message_id, request_id, function_name, condition, error_message,
--   attempts_count, is_gone
SELECT
    letters.queue_arn, letters.message_id, letters.request_id,
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
    letters.condition, letters.error_message, letters.attempts_count,
    coalesce(letters.is_gone, false) AS is_gone
FROM dead_letters AS letters
WHERE letters.chain_id = $chain_id
ORDER BY letters.first_seen_at
