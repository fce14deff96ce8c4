-- Which payloads go by S3, and what does that cost? One row per (caller, callee): one logical edge
-- A → (S3) → B. evidence: 'message_id' where the object's own event started B; 'inferred' where A wrote
-- an object and then, in the same execution, called B, which read from S3 (a pointer in the payload).
-- s3_usd: one PUT and one GET a call, US dollars at list price; storage and transfer are not seen.
CREATE OR REPLACE VIEW offloads AS
WITH objects AS (
    SELECT
        e.caller_function, e.callee_function, e.call_id, e.payload_bytes, e.caller_region,
        e.queued_us AS delay_us, 's3' AS via, 'message_id' AS evidence, e.day
    FROM edge_rows AS e
    WHERE e.kind = 's3' AND e.is_callee_seen
),

readers AS (
    SELECT DISTINCT function_name, request_id
    FROM records
    WHERE other_waits LIKE '%"s3":%'
),

pointers AS (
    SELECT
        p.caller_function, n.callee_function, p.call_id, p.payload_bytes, p.caller_region,
        l.sent_us - p.started_us AS delay_us, n.kind AS via, 'inferred' AS evidence, p.day,
        ROW_NUMBER() OVER (PARTITION BY p.call_id ORDER BY n.started_us, n.call_id) AS choice
    FROM edge_rows AS p
    INNER JOIN edge_rows AS n
        ON n.caller_request_id = p.caller_request_id AND n.caller_function = p.caller_function
        AND n.caller_attempt_number = p.caller_attempt_number
        AND n.day = p.day AND n.started_us >= p.started_us
        AND n.kind IN ('lambda', 'sqs', 'sns', 'eventbridge') AND n.is_callee_seen
    INNER JOIN link_rows AS l ON l.call_id = n.call_id AND l.callee_function = n.callee_function
    INNER JOIN readers AS r
        ON r.request_id = l.callee_request_id AND r.function_name = l.callee_function
    WHERE p.kind = 's3' AND NOT p.is_callee_seen
)

SELECT
    o.caller_function,
    o.callee_function,
    o.via,
    o.evidence,
    COUNT(*) AS calls_count,
    CAST(SUM(o.payload_bytes) AS BIGINT) AS payload_bytes,
    CAST(ROUND(QUANTILE_CONT(o.payload_bytes, 0.99)) AS BIGINT) AS payload_p99_bytes,
    CAST(ROUND(QUANTILE_CONT(o.delay_us, 0.5)) AS BIGINT) AS delay_p50_us,
    SUM(p.price_usd + g.price_usd) AS s3_usd
FROM (
    SELECT * FROM objects
    UNION ALL
    SELECT * EXCLUDE (choice) FROM pointers WHERE choice = 1
) AS o
LEFT JOIN rates AS p
    ON p.item = 's3_put_request' AND p.region = COALESCE(o.caller_region, '*')
    AND o.day >= p.valid_from AND o.day < p.valid_to
LEFT JOIN rates AS g
    ON g.item = 's3_get_request' AND g.region = COALESCE(o.caller_region, '*')
    AND o.day >= g.valid_from AND o.day < g.valid_to
GROUP BY o.caller_function, o.callee_function, o.via, o.evidence;
