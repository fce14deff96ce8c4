-- Which chain did each dead letter come from: one row per dead letter whose chain is known, as the view
-- dead_letters finds it. That view looks through every call and event for the letter's keys, which is
-- too much to ask of each list of chains: derive asks it once.
CREATE TABLE IF NOT EXISTS letter_rows (
    chain_id VARCHAR,
    function_name VARCHAR,
    request_id VARCHAR,
    queue_arn VARCHAR,
    message_id VARCHAR,
    sent_us BIGINT,
    day DATE
);
