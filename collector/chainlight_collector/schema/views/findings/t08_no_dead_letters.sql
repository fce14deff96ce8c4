-- T8: where does an event go that fails for good? One row per async edge whose events are lost:
-- Lambda's own queue with neither DLQ nor on-failure destination, or a queue without redrive.
-- Fires below the floor of calls too once an event was lost. It saves events, no dollars.
CREATE OR REPLACE VIEW finding_t8 AS
WITH redrives AS (
    SELECT queue_name, dlq_arn
    FROM (
        SELECT
            SPLIT_PART(queue_arn, ':', 6) AS queue_name,
            dlq_arn,
            ROW_NUMBER() OVER (PARTITION BY queue_arn ORDER BY observed_us DESC) AS age_rank
        FROM queue_redrives
    )
    WHERE age_rank = 1
),

queues AS (
    SELECT
        e.caller_function,
        e.callee_function,
        BOOL_OR(r.queue_name IS NOT NULL) AS is_known,
        BOOL_AND(r.dlq_arn IS NOT NULL) AS has_redrive
    FROM edge_calls AS e
    INNER JOIN call_rows AS c ON c.call_id = e.call_id
    LEFT JOIN redrives AS r ON r.queue_name = c.target_name
    WHERE e.kind = 'sqs'
    GROUP BY e.caller_function, e.callee_function
),

unguarded AS (
    SELECT f.*
    FROM finding_edges AS f
    LEFT JOIN queues AS q
        ON f.kind = 'sqs' AND q.caller_function = f.caller_function
        AND q.callee_function = f.callee_function
    WHERE f.mode = 'async'
        AND (
            (f.kind IN ('lambda', 'sns', 'eventbridge', 's3') AND f.has_callee_config
                AND f.callee_dlq_arn IS NULL)
            OR (f.kind = 'sqs' AND q.is_known AND NOT q.has_redrive)
        )
)

SELECT
    'T8' AS rule,
    'add_dlq' AS verdict,
    caller_function,
    callee_function,
    kind,
    mode,
    calls_count,
    window_days,
    CAST(0 AS DOUBLE) AS saving_usd_month,
    printf(
        '%d of %d events failed for good and are gone, %.1f a month (%s)',
        failed_executions_count, executions_count, failed_executions_count * month_factor, window_text
    ) AS arithmetic,
    CASE
        WHEN failed_executions_count = 0 THEN 'no event has been lost in this window'
        ELSE 'events that may be lost, or that are repeated elsewhere, need none'
    END AS counter_evidence
FROM unguarded
WHERE calls_count >= calls_min OR failed_executions_count > 0;
