-- Which messages of the chain ended in a dead-letter queue? One row per message.
SELECT * FROM dead_letters WHERE chain_id = $chain_id ORDER BY sent_us, message_id
