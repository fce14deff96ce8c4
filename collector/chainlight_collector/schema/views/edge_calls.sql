-- What did each call do to each function it reached? One row per (call, callee_function): the rows
-- that edges and edges_daily add up. A call that reached several functions (SNS) has a row for each,
-- its wait divided among them. callee_function is the caller's word for the target (a queue, a
-- topic) where no function has been seen behind it: is_callee_seen is false.
CREATE OR REPLACE VIEW edge_calls AS
WITH reached AS (
    SELECT
        l.call_id,
        ANY_VALUE(l.caller_function) AS caller_function,
        ANY_VALUE(l.caller_request_id) AS caller_request_id,
        l.callee_function,
        ANY_VALUE(l.kind) AS kind,
        ANY_VALUE(l.mode) AS mode,
        BOOL_OR(l.is_callee_seen) AS is_callee_seen,
        MIN(l.queued_us) AS queued_us,
        COUNT(i.request_id) AS executions_count,
        COUNT(i.request_id) FILTER (WHERE i.is_cold) AS cold_count,
        COUNT(i.request_id) FILTER (WHERE i.is_failed) AS failed_executions_count,
        COUNT(i.request_id) FILTER (WHERE i.attempts_count > 1) AS retried_count,
        SUM(l.share * i.duration_us) AS callee_duration_us,
        SUM(l.share * i.request_usd) AS callee_request_usd,
        MIN(l.day) AS day
    FROM link_rows AS l
    LEFT JOIN invocations AS i
        ON i.request_id = l.callee_request_id AND i.function_name = l.callee_function
    GROUP BY l.call_id, l.callee_function
),

widths AS (
    SELECT call_id, COUNT(*) AS functions_count FROM reached GROUP BY call_id
),

carrier_prices AS (
    SELECT
        item, MAX(price_usd) AS price_usd,
        CASE item
            WHEN 'sqs_request' THEN 'sqs' WHEN 'sns_request' THEN 'sns'
            WHEN 'eventbridge_event' THEN 'eventbridge'
        END AS kind
    FROM prices
    WHERE item IN ('sqs_request', 'sns_request', 'eventbridge_event') AND region = '*'
    GROUP BY item
)

SELECT
    COALESCE(c.call_id, r.call_id) AS call_id,
    COALESCE(c.caller_function, r.caller_function) AS caller_function,
    COALESCE(c.caller_request_id, r.caller_request_id) AS caller_request_id,
    c.caller_attempt_number,
    COALESCE(r.callee_function, c.target_name) AS callee_function,
    COALESCE(c.kind, r.kind) AS kind,
    COALESCE(c.mode, r.mode) AS mode,
    COALESCE(r.is_callee_seen, FALSE) AS is_callee_seen,
    c.started_us,
    c.outcome AS call_outcome,
    COALESCE(c.outcome <> 'ok', FALSE)
        OR COALESCE(r.failed_executions_count > 0 AND r.failed_executions_count = r.executions_count, FALSE)
        AS is_failed,
    COALESCE(c.tries_count, 1) AS tries_count,
    c.wait_us,
    r.queued_us,
    COALESCE(r.executions_count, 0) AS executions_count,
    COALESCE(r.cold_count, 0) AS cold_count,
    COALESCE(r.failed_executions_count, 0) AS failed_executions_count,
    COALESCE(r.retried_count, 0) AS retried_count,
    r.callee_duration_us,
    c.payload_bytes,
    c.result_was_read,
    c.paid_idle_us / COALESCE(w.functions_count, 1.0) AS paid_idle_us,
    c.paid_idle_us / COALESCE(w.functions_count, 1.0) / 1000000.0 * a.second_usd AS paid_idle_usd,
    COALESCE(p.price_usd * c.tries_count / COALESCE(w.functions_count, 1.0), 0)
        + COALESCE(r.callee_request_usd, 0) AS request_usd,
    COALESCE(c.day, r.day) AS day
FROM call_rows AS c
FULL OUTER JOIN reached AS r ON r.call_id = c.call_id
LEFT JOIN widths AS w ON w.call_id = c.call_id
LEFT JOIN carrier_prices AS p ON p.kind = c.kind
LEFT JOIN attempts AS a
    ON a.request_id = c.caller_request_id AND a.function_name = c.caller_function
    AND a.attempt_number = c.caller_attempt_number;
