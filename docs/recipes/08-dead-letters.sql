-- What lies in the dead-letter queues, and which chain produced it?
SELECT queue_arn, function_name, error_code, attempts_count, sent_at, chain_id
FROM dead_letters
WHERE NOT COALESCE(is_gone, FALSE)
ORDER BY sent_at;
