-- T8: where does an event go that fails for good? One row per async edge whose events are lost:
-- Lambda's own queue with neither DLQ nor on-failure destination, or a queue without redrive.
-- Fires below the floor of calls too once an event was lost. It saves events, no dollars.
CREATE OR REPLACE VIEW finding_t8 AS
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
FROM finding_edges
WHERE is_unguarded AND (calls_count >= calls_min OR failed_executions_count > 0);
