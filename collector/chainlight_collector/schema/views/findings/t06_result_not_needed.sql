-- T6: is the result needed? Fires for sync edges whose callers never read the response Payload, where
-- that could be seen. saving_usd_month: the paid wait that an Event invocation would not have.
CREATE OR REPLACE MACRO finding_t06(e) AS
CASE WHEN e.is_result_unread AND NOT e.is_graphql_root AND NOT e.wants_interface
THEN {
    'rule': 'T6',
    'verdict': 'make_async',
    'saving_usd_month': e.paid_idle_usd * e.month_factor,
    'arithmetic': printf(
        'the result was read in 0 of %d calls; %.3f s waited x %d MB = $%.6f in the window, '
        || '$%.4f a month (%s)',
        e.result_known_count, e.paid_idle_us / 1000000.0, e.caller_memory_mb, e.paid_idle_usd,
        e.paid_idle_usd * e.month_factor, e.window_text
    ),
    'counter_evidence': printf(
        'used as a barrier? %.0f %% of these calls are followed by another call that may rely on them; '
        || 'an error of %s would no longer reach %s',
        100.0 * e.barrier_count / e.calls_count, e.callee_function, e.caller_function
    ),
    'is_last': TRUE
} END;
