-- How many messages lie in dead-letter queues now, whatever the window? One row: value, words.
SELECT
    count(*)::DOUBLE AS value,
    count(*) || ' messages in ' || count(DISTINCT queue_arn) || ' queues' AS words
FROM dead_letters
WHERE NOT coalesce(is_gone, false)
