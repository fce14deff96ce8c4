-- Which messages lay in a dead-letter queue or failure destination: one row per message, first
-- sighting. Natural key: queue_arn, message_id, body_sha256. queue_arn is the bucket's ARN and
-- message_id the object's key for what ended in S3. seen_us is the first sighting; later sightings and
-- the queue scans that prove absence are in dead_letter_scans. No body: body_sha256 and body_bytes only.
-- source: 'lambda_dlq','destination','sqs_redrive','sns','eventbridge','stream'.
CREATE TABLE IF NOT EXISTS dead_letter_messages (
    queue_arn VARCHAR,
    message_id VARCHAR,
    source VARCHAR,
    source_queue_arn VARCHAR,
    function_arn VARCHAR,
    function_name VARCHAR,
    request_id VARCHAR,
    trace_root VARCHAR,
    condition VARCHAR,
    error_code VARCHAR,
    error_message VARCHAR,
    attempts_count INTEGER,
    sent_us BIGINT,
    seen_us BIGINT,
    body_bytes BIGINT,
    body_sha256 VARCHAR,
    day DATE
);
-- natural_keys: every id under which the event was known before it died: its own, that of the
-- notification or bus event in its body, shard and first sequence number of a failed batch.
-- batch_size_count: how many records of a stream one message stands for.
ALTER TABLE dead_letter_messages ADD COLUMN IF NOT EXISTS natural_keys VARCHAR[];
ALTER TABLE dead_letter_messages ADD COLUMN IF NOT EXISTS batch_size_count INTEGER;
