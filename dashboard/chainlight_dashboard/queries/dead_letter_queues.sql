-- Which queues hold dead letters? One row per queue, most messages first. Instants in microseconds.
-- columns: queue_arn, source, waiting_count, oldest_us, newest_us, gone_count, functions
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
FROM dead_letters
GROUP BY queue_arn
ORDER BY waiting_count DESC, queue_arn
