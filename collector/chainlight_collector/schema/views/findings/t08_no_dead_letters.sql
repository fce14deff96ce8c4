-- T8: where does an event go that fails for good? Fires for async edges whose events are lost:
-- Lambda's own queue with neither DLQ nor on-failure destination, or a queue without redrive.
-- Below the floor of calls too, once an event was lost. It saves events, no dollars.
CREATE OR REPLACE MACRO finding_t08(e) AS
CASE WHEN e.is_unguarded AND (e.calls_count >= e.calls_min OR e.failed_executions_count > 0)
THEN {
    'rule': 'T8',
    'verdict': 'add_dlq',
    'saving_usd_month': 0.0,
    'arithmetic': printf(
        '%d of %d events failed for good and are gone, %.1f a month (%s)',
        e.failed_executions_count, e.executions_count,
        e.failed_executions_count * e.month_factor, e.window_text
    ),
    'counter_evidence': CASE
        WHEN e.failed_executions_count = 0 THEN 'no event has been lost in this window'
        ELSE 'events that may be lost, or that are repeated elsewhere, need none'
    END,
    'is_last': e.calls_count >= e.calls_min
} END;
