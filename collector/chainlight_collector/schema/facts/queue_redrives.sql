-- Which queue sends its dead letters where: one row per source queue and change.
-- Natural key: queue_arn, observed_us.
CREATE TABLE IF NOT EXISTS queue_redrives (
    queue_arn VARCHAR,
    dlq_arn VARCHAR,
    max_receive_count INTEGER,
    visibility_timeout_s INTEGER,
    observed_us BIGINT,
    day DATE
);
