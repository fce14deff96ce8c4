-- Which chains have dead letters? All of them anew: there are few, and a call or an event that came
-- late may name the chain of an old one.
DELETE FROM letter_rows;
INSERT INTO letter_rows BY NAME
SELECT
    chain_id, function_name, request_id, queue_arn, message_id,
    COALESCE(sent_us, seen_us) AS sent_us, day
FROM dead_letters
WHERE chain_id IS NOT NULL
ORDER BY chain_id, message_id;
