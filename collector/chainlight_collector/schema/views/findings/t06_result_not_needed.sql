-- T6: is the result needed? One row per sync edge whose callers never read the response Payload,
-- where that could be seen. saving_usd_month: the paid wait that an Event invocation would not have.
CREATE OR REPLACE VIEW finding_t6 AS
WITH followed AS (
    SELECT c.call_id, MAX(n.started_us) > MAX(c.ended_us) AS has_later_call
    FROM call_rows AS c
    INNER JOIN call_rows AS n
        ON n.caller_request_id = c.caller_request_id AND n.caller_function = c.caller_function
        AND n.caller_attempt_number = c.caller_attempt_number AND n.call_id <> c.call_id
    WHERE c.mode = 'sync' AND NOT c.result_was_read
    GROUP BY c.call_id
),

barriers AS (
    SELECT
        e.caller_function,
        e.callee_function,
        COUNT(*) FILTER (WHERE f.has_later_call) * 1.0 / COUNT(*) AS barrier_share
    FROM edge_calls AS e
    LEFT JOIN followed AS f ON f.call_id = e.call_id
    WHERE e.mode = 'sync' AND NOT e.result_was_read
    GROUP BY e.caller_function, e.callee_function
)

SELECT
    'T6' AS rule,
    'make_async' AS verdict,
    f.caller_function,
    f.callee_function,
    f.kind,
    f.mode,
    f.calls_count,
    f.window_days,
    f.paid_idle_usd * f.month_factor AS saving_usd_month,
    printf(
        'the result was read in 0 of %d calls; %.3f s waited x %d MB = $%.6f in the window, '
        || '$%.4f a month (%s)',
        f.result_known_count, f.paid_idle_us / 1000000.0, f.caller_memory_mb, f.paid_idle_usd,
        f.paid_idle_usd * f.month_factor, f.window_text
    ) AS arithmetic,
    printf(
        'used as a barrier? %.0f %% of these calls are followed by another call that may rely on them; '
        || 'an error of %s would no longer reach %s',
        100 * COALESCE(b.barrier_share, 0), f.callee_function, f.caller_function
    ) AS counter_evidence
FROM finding_edges AS f
LEFT JOIN barriers AS b
    ON b.caller_function = f.caller_function AND b.callee_function = f.callee_function
WHERE f.is_result_unread;
