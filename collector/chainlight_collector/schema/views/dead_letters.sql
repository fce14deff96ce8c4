-- What died, and which chain produced it? One row per message; sent, first and last seen in UTC.
-- chain_id: by the function's request id, else by an id that a call got for the event, else by the
-- trace root. function_name: the message's own word, else whose request it was, else who was given
-- the event and did not finish it, else the only target whose undelivered events go there.
-- source: by the message's shape, else by what sends its dead letters to that queue.
-- attempts_count: the message's own word, else the executions of that request, else the deliveries of
-- that event, as far as seen. is_gone: the newest complete look into the queue did not find it; NULL
-- where never looked (objects on S3); true for a failure that a function was given.
CREATE OR REPLACE VIEW dead_letters AS
WITH handed_on AS (
    SELECT
        r.function_arn AS queue_arn,
        r.request_id AS message_id,
        'destination' AS source,
        f.function_arn,
        f.function_name,
        c.natural_keys[1] AS request_id,
        r.trace_root,
        c.natural_keys,
        r.started_us AS seen_us,
        r.day
    FROM records AS r
    INNER JOIN record_causes AS c
        ON c.request_id = r.request_id AND c.record_started_us = r.started_us
    INNER JOIN function_newest AS f
        ON starts_with(r.source_arn, f.function_arn)
        AND starts_with(f.on_failure_arn, r.function_arn)
    WHERE r.source_kind = 'destination' AND r.outcome <> 'timeout'
        AND NOT EXISTS (
            SELECT 1 FROM attempt_rows AS a
            WHERE a.request_id = c.natural_keys[1] AND a.function_name = f.function_name
                AND a.outcome = 'ok'
        )
),

letters AS (
    SELECT
        *,
        COALESCE(queue_arn, '') || ' ' || message_id || ' ' || COALESCE(body_sha256, '') AS letter
    FROM (
        SELECT
            queue_arn, message_id, source, source_queue_arn, function_arn, function_name,
            request_id, trace_root, condition, error_code, error_message, attempts_count, sent_us,
            seen_us, body_bytes, body_sha256, natural_keys, batch_size_count, day
        FROM dead_letter_messages
        UNION ALL
        SELECT
            queue_arn, message_id, source, NULL, function_arn, function_name, request_id,
            trace_root, NULL, NULL, NULL, NULL, NULL, seen_us, NULL, NULL, natural_keys, NULL, day
        FROM handed_on
    ) AS told
),

letter_keys AS (
    SELECT letter, UNNEST(COALESCE(natural_keys, [message_id])) AS natural_key FROM letters
),

sightings AS (
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
        d.letter,
        MIN(t.chain_id) AS chain_id,
        MIN(t.function_name) AS function_name,
        MAX(t.attempt_number) AS attempts_count
    FROM letters AS d
    INNER JOIN member_rows AS t ON t.request_id = d.request_id
    GROUP BY d.letter
),

keyed_calls AS (
    SELECT UNNEST(natural_keys) AS natural_key, caller_function, caller_request_id
    FROM call_rows
    WHERE kind <> 'lambda'
),

known_messages AS (
    SELECT w.letter, MIN(m.chain_id) AS chain_id
    FROM letter_keys AS w
    INNER JOIN keyed_calls AS k ON k.natural_key = w.natural_key
    INNER JOIN member_rows AS m
        ON m.request_id = k.caller_request_id AND m.function_name = k.caller_function
    GROUP BY w.letter
),

given AS (
    SELECT UNNEST(natural_keys) AS natural_key, function_name, request_id FROM record_causes
),

known_consumers AS (
    SELECT
        w.letter,
        MIN(g.function_name) AS function_name,
        CAST(COUNT(DISTINCT g.request_id) AS INTEGER) AS attempts_count
    FROM letter_keys AS w
    INNER JOIN given AS g ON g.natural_key = w.natural_key
    GROUP BY w.letter
),

known_roots AS (
    SELECT d.letter, MIN(c.chain_id) AS chain_id
    FROM letters AS d
    INNER JOIN chain_rows AS c ON c.chain_id = d.trace_root
    GROUP BY d.letter
),

newest_routes AS (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY route_id ORDER BY observed_us DESC) AS age_rank
    FROM dead_letter_routes
),

known_routes AS (
    SELECT
        dlq_arn AS queue_arn,
        CASE WHEN COUNT(DISTINCT kind) = 1 THEN MIN(kind) END AS kind,
        CASE WHEN COUNT(DISTINCT target_arn) = 1 THEN MIN(target_arn) END AS target_arn
    FROM newest_routes
    WHERE age_rank = 1 AND dlq_arn IS NOT NULL AND kind IN ('sns', 'eventbridge')
    GROUP BY dlq_arn
)

SELECT
    d.queue_arn,
    COALESCE(d.source, u.kind) AS source,
    d.message_id,
    d.request_id,
    COALESCE(d.function_name, r.function_name, f.function_name, n.function_name) AS function_name,
    COALESCE(r.chain_id, m.chain_id, t.chain_id) AS chain_id,
    d.condition,
    d.error_code,
    d.error_message,
    COALESCE(d.attempts_count, r.attempts_count, f.attempts_count) AS attempts_count,
    make_timestamptz(d.sent_us) AS sent_at,
    make_timestamptz(d.seen_us) AS first_seen_at,
    make_timestamptz(GREATEST(d.seen_us, COALESCE(s.last_seen_us, d.seen_us))) AS last_seen_at,
    CASE
        WHEN d.body_sha256 IS NULL AND d.queue_arn LIKE '%:function:%' THEN TRUE
        ELSE c.scanned_us > GREATEST(d.seen_us, COALESCE(s.last_seen_us, d.seen_us))
    END AS is_gone,
    d.source_queue_arn,
    COALESCE(d.function_arn, n.function_arn) AS function_arn,
    d.trace_root,
    d.body_bytes,
    d.body_sha256,
    d.sent_us,
    d.seen_us,
    d.day,
    d.batch_size_count,
    d.natural_keys
FROM letters AS d
LEFT JOIN sightings AS s ON s.queue_arn = d.queue_arn AND s.message_id = d.message_id
LEFT JOIN complete_scans AS c ON c.queue_arn = d.queue_arn
LEFT JOIN known_requests AS r ON r.letter = d.letter
LEFT JOIN known_messages AS m ON m.letter = d.letter
LEFT JOIN known_consumers AS f ON f.letter = d.letter
LEFT JOIN known_roots AS t ON t.letter = d.letter
LEFT JOIN known_routes AS u ON u.queue_arn = d.queue_arn
LEFT JOIN function_newest AS n ON d.function_name IS NULL AND n.function_arn = u.target_arn;
