-- Which queues hold dead letters? One row per queue, most messages first. Instants in microseconds.
-- A message that names no function is named by its request id, else by the call that sent it.
-- columns: queue_arn, source, waiting_count, oldest_us, newest_us, gone_count, functions
WITH named AS (
    SELECT
        letters.* EXCLUDE (function_name),
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
        ) AS function_name
    FROM dead_letters AS letters
)
SELECT
    queue_arn,
    min(source) AS source,
    count(*) FILTER (NOT coalesce(is_gone, false)) AS waiting_count,
    epoch_us(min(coalesce(sent_at, first_seen_at)) FILTER (NOT coalesce(is_gone, false)))
        AS oldest_us,
    epoch_us(max(coalesce(sent_at, first_seen_at))) AS newest_us,
    count(*) FILTER (is_gone) AS gone_count,
    coalesce(
        list_sort(list(DISTINCT function_name) FILTER (function_name IS NOT NULL)), []
    ) AS functions
FROM named
GROUP BY queue_arn
ORDER BY waiting_count DESC, queue_arn
