-- What died, and which chain produced it? One row per message; sent, first and last seen in UTC.
-- chain_id: by the function's request id, else by the message id that a call got, else by the trace
-- root. function_name: the message's own word, else whose request it was, else who was given the
-- message and did not finish it. attempts_count: the message's own word, else the executions of that
-- request, else the deliveries of that message, as far as seen. is_gone: the newest complete look into the queue did not find it; NULL where never looked.
CREATE OR REPLACE VIEW dead_letters AS
WITH sightings AS (
    SELECT queue_arn, message_id, MAX(scanned_us) AS last_seen_us
    FROM (
        SELECT queue_arn, UNNEST(message_ids) AS message_id, scanned_us FROM dead_letter_scans
    )
    GROUP BY queue_arn, message_id
),

complete_scans AS (
    SELECT queue_arn, MAX(scanned_us) AS scanned_us
    FROM dead_letter_scans
    WHERE is_complete
    GROUP BY queue_arn
),

known_requests AS (
    SELECT
        d.queue_arn,
        d.message_id,
        MIN(t.chain_id) AS chain_id,
        MIN(t.function_name) AS function_name,
        MAX(t.attempt_number) AS attempts_count
    FROM dead_letter_messages AS d
    INNER JOIN member_rows AS t ON t.request_id = d.request_id
    GROUP BY d.queue_arn, d.message_id
),

wanted_ids AS (
    SELECT DISTINCT message_id FROM dead_letter_messages
),

keyed_calls AS (
    SELECT UNNEST(natural_keys) AS message_id, caller_function, caller_request_id
    FROM call_rows
    WHERE kind <> 'lambda'
),

known_messages AS (
    SELECT w.message_id, MIN(m.chain_id) AS chain_id
    FROM wanted_ids AS w
    INNER JOIN keyed_calls AS k ON k.message_id = w.message_id
    INNER JOIN member_rows AS m
        ON m.request_id = k.caller_request_id AND m.function_name = k.caller_function
    GROUP BY w.message_id
),

given AS (
    SELECT UNNEST(natural_keys) AS message_id, function_name, request_id FROM record_causes
),

known_consumers AS (
    SELECT
        w.message_id,
        MIN(g.function_name) AS function_name,
        CAST(COUNT(DISTINCT g.request_id) AS INTEGER) AS attempts_count
    FROM wanted_ids AS w
    INNER JOIN given AS g ON g.message_id = w.message_id
    GROUP BY w.message_id
),

known_roots AS (
    SELECT d.queue_arn, d.message_id, MIN(c.chain_id) AS chain_id
    FROM dead_letter_messages AS d
    INNER JOIN chain_rows AS c ON c.chain_id = d.trace_root
    GROUP BY d.queue_arn, d.message_id
)

SELECT
    d.queue_arn,
    d.source,
    d.message_id,
    d.request_id,
    COALESCE(d.function_name, r.function_name, f.function_name) AS function_name,
    COALESCE(r.chain_id, m.chain_id, t.chain_id) AS chain_id,
    d.condition,
    d.error_code,
    d.error_message,
    COALESCE(d.attempts_count, r.attempts_count, f.attempts_count) AS attempts_count,
    make_timestamptz(d.sent_us) AS sent_at,
    make_timestamptz(d.seen_us) AS first_seen_at,
    make_timestamptz(GREATEST(d.seen_us, COALESCE(s.last_seen_us, d.seen_us))) AS last_seen_at,
    c.scanned_us > GREATEST(d.seen_us, COALESCE(s.last_seen_us, d.seen_us)) AS is_gone,
    d.source_queue_arn,
    d.function_arn,
    d.trace_root,
    d.body_bytes,
    d.body_sha256,
    d.sent_us,
    d.seen_us,
    d.day
FROM dead_letter_messages AS d
LEFT JOIN sightings AS s ON s.queue_arn = d.queue_arn AND s.message_id = d.message_id
LEFT JOIN complete_scans AS c ON c.queue_arn = d.queue_arn
LEFT JOIN known_requests AS r ON r.queue_arn = d.queue_arn AND r.message_id = d.message_id
LEFT JOIN known_messages AS m ON m.message_id = d.message_id
LEFT JOIN known_consumers AS f ON f.message_id = d.message_id
LEFT JOIN known_roots AS t ON t.queue_arn = d.queue_arn AND t.message_id = d.message_id;
