-- T7: does the wait matter, and what is the cheapest way out? Fires for every sync edge that T3, T5
-- and T6 leave. The wait matters by its dollars a month, by a caller near its timeout, or by a chain
-- over its objective; then the most saving of merge, durable and Step Functions counts, if it saves
-- anything. The arithmetic can say no: a callee with far more memory makes the caller dearer. A caller
-- that is no function (a state machine, an API stage) waits without pay: known, and left alone.
CREATE OR REPLACE MACRO finding_t07(e) AS
CASE WHEN e.mode = 'sync' AND e.calls_count >= e.calls_min AND NOT e.is_result_unread
    AND NOT e.is_graphql_root AND NOT e.wants_interface
THEN {
    'rule': 'T7',
    'verdict': e.best_change,
    'saving_usd_month': CASE WHEN e.best_change = 'leave_alone' THEN 0
        ELSE e.best_usd * e.month_factor END,
    'arithmetic': CASE WHEN e.is_unpaid_caller THEN printf(
        '%s waited %.3f s without pay, for $%.6f of requests in the window (%s)',
        e.caller_function, COALESCE(e.wait_us, 0) / 1000000.0, e.request_usd, e.window_text
    ) ELSE COALESCE(printf(
        'merge: wait $%.6f + requests $%.6f - callee at %d MB $%.6f - caller at %d MB $%.6f '
        || '= $%.6f in the window, $%.4f a month; durable $%.4f, Step Functions $%.4f a month (%s)',
        e.paid_idle_usd, e.request_usd, e.merged_memory_mb, e.callee_grows_usd, e.merged_memory_mb,
        e.caller_grows_usd, e.merge_usd, e.merge_usd * e.month_factor,
        e.durable_usd * e.month_factor, e.stepfunctions_usd * e.month_factor, e.window_text
    ), printf('merge: not known, for want of a wait or a memory (%s)', e.window_text)) END,
    'counter_evidence': CASE
        WHEN e.is_unpaid_caller THEN
            'what a state machine or an API costs is its transitions or requests, not its waits'
        WHEN e.paid_idle_usd IS NULL THEN 'the wait is not known: the caller has no record'
        WHEN NOT e.wait_matters THEN printf(
            'the wait costs $%.4f a month, below $%.2f',
            e.paid_idle_usd * e.month_factor, e.saving_usd_month_min
        )
        WHEN e.best_change = 'leave_alone' THEN printf(
            'do not merge: at %d MB both would cost $%.4f a month more than the wait; neither durable '
            || 'nor Step Functions saves anything', e.merged_memory_mb, -e.merge_usd * e.month_factor
        )
        WHEN e.best_change = 'merge' THEN printf(
            '%s must run alone too? %d functions call it, %d of its executions come from this edge; '
            || 'p95 of the caller is %.1f s of a timeout of %s s',
            e.callee_function, e.callers_count, e.executions_count, e.caller_p95_us / 1000000.0,
            COALESCE(CAST(e.caller_timeout_s AS VARCHAR), 'unknown')
        )
        ELSE printf(
            'do not merge: that would save $%.4f a month; here the caller''s own code is replayed or '
            || 'cut in two, and a month has not seen it', e.merge_usd * e.month_factor
        )
    END,
    'is_last': TRUE
} END;
