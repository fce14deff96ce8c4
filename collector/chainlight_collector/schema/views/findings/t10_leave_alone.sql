-- T10: nothing else to say? Fires for async edges above the floor of calls that T3, T8 and T9 leave: a
-- finding too, with the numbers that make it one. saving_usd_month is 0.
CREATE OR REPLACE MACRO finding_t10(e) AS
CASE WHEN e.mode = 'async' AND e.calls_count >= e.calls_min AND NOT e.is_unguarded
    AND NOT e.wants_buffer AND NOT e.wants_interface
THEN {
    'rule': 'T10',
    'verdict': 'leave_alone',
    'saving_usd_month': 0.0,
    'arithmetic': printf(
        'async, nobody waits; %d of %d executions failed, %d retried; requests $%.6f in the window (%s)',
        e.failed_executions_count, e.executions_count, e.retried_count, e.request_usd, e.window_text
    ),
    'counter_evidence': CASE
        WHEN NOT e.has_callee_config THEN
            'the configuration of the callee was not read: whether it has a DLQ is unknown'
        ELSE 'a burst or a slower downstream may not have been seen in this window'
    END,
    'is_last': TRUE
} END;
