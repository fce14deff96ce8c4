-- How many messages lie in dead-letter queues now, and since when? One row.
-- columns: waiting_count, oldest_us, gone_count, queues_count
SELECT
    count(*) FILTER (NOT coalesce(is_gone, false)) AS waiting_count,
    epoch_us(min(coalesce(sent_at, first_seen_at)) FILTER (NOT coalesce(is_gone, false)))
        AS oldest_us,
    count(*) FILTER (is_gone) AS gone_count,
    count(DISTINCT queue_arn) FILTER (NOT coalesce(is_gone, false)) AS queues_count
FROM dead_letters
