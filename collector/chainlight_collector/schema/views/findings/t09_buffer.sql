-- T9: does the callee throttle, burst, or hit something slower? Fires for async edges without a queue
-- of their own above a share of throttled calls, retried or failed executions. Proposed: a queue with
-- batches of ten, and a maximum concurrency of twice what the window's mean load needs (calls a second
-- x p95 duration), two at least. saving_usd_month is what the queue costs, so below zero.
CREATE OR REPLACE MACRO finding_t09(e) AS
CASE WHEN e.wants_buffer
THEN {
    'rule': 'T9',
    'verdict': 'buffer',
    'saving_usd_month': -e.calls_count * e.month_factor * 1.2 * e.one_message_usd,
    'arithmetic': printf(
        '%d of %d calls throttled, %d of %d executions retried, %d failed for good; SQS with '
        || 'BatchSize=10, MaximumConcurrency=%d: $%.4f a month (%s)',
        e.throttled_count, e.calls_count, e.retried_count, e.executions_count,
        e.failed_executions_count,
        CAST(GREATEST(2, CEIL(
            2 * e.calls_count / (e.window_days * 86400) * COALESCE(e.callee_p95_us, 0) / 1000000.0
        )) AS BIGINT),
        e.calls_count * e.month_factor * 1.2 * e.one_message_usd, e.window_text
    ),
    'counter_evidence': 'errors of the event itself will fail behind a queue too: look at the error '
        || 'types first',
    'is_last': TRUE
} END;
