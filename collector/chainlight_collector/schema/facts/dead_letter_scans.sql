-- What each look into a dead-letter queue found: one row per queue and scan.
-- message_ids are those seen; is_complete is false where the scan may have missed some (page limit,
-- in-flight messages, refusal: then reason says why). Natural key: queue_arn, scanned_us.
CREATE TABLE IF NOT EXISTS dead_letter_scans (
    queue_arn VARCHAR,
    scanned_us BIGINT,
    is_complete BOOLEAN,
    messages_count BIGINT,
    message_ids VARCHAR[],
    reason VARCHAR,
    day DATE
);
