-- T7: does the wait matter, and would one function be cheaper than two? One row per sync edge that
-- T6 leaves. saving = wait x mem_A x P + requests - t_B x max(0, mem_A - mem_B) x P
-- - t_A,own x max(0, mem_B - mem_A) x P, in US dollars a month; it may be negative. t_A,own is that
-- of all executions of the caller: each of them would get the larger memory.
CREATE OR REPLACE VIEW finding_t7 AS
WITH merged AS (
    SELECT
        f.*,
        f.paid_idle_usd AS wait_usd,
        f.callee_duration_us / 1000000.0 * GREATEST(0, f.caller_memory_mb - f.callee_memory_mb)
            / 1024.0 * f.gb_s_usd AS callee_grows_usd,
        f.caller_own_us / 1000000.0 * GREATEST(0, f.callee_memory_mb - f.caller_memory_mb)
            / 1024.0 * f.gb_s_usd AS caller_grows_usd,
        f.caller_p95_us > f.timeout_share_max * f.caller_timeout_s * 1000000.0 AS is_near_timeout
    FROM finding_edges AS f
    WHERE f.mode = 'sync' AND f.calls_count >= f.calls_min AND NOT f.is_result_unread
),

priced AS (
    SELECT
        *,
        (wait_usd + request_usd - callee_grows_usd - caller_grows_usd) * month_factor
            AS merge_usd_month,
        COALESCE(wait_usd * month_factor >= saving_usd_month_min, FALSE)
            OR COALESCE(is_near_timeout, FALSE) AS matters
    FROM merged
)

SELECT
    'T7' AS rule,
    CASE WHEN matters AND merge_usd_month > 0 THEN 'merge' ELSE 'leave_alone' END AS verdict,
    caller_function,
    callee_function,
    kind,
    mode,
    calls_count,
    window_days,
    CASE WHEN matters AND merge_usd_month > 0 THEN merge_usd_month ELSE 0 END AS saving_usd_month,
    printf(
        'wait $%.6f + requests $%.6f - callee at %d MB $%.6f - caller at %d MB $%.6f '
        || '= $%.6f in the window, $%.4f a month (%s)',
        wait_usd, request_usd, caller_memory_mb, callee_grows_usd, callee_memory_mb,
        caller_grows_usd, merge_usd_month / month_factor, merge_usd_month, window_text
    ) AS arithmetic,
    CASE
        WHEN wait_usd IS NULL THEN 'the wait is not known: the caller has no record'
        WHEN NOT matters THEN printf(
            'the wait costs $%.4f a month, below $%.2f', wait_usd * month_factor, saving_usd_month_min
        )
        WHEN COALESCE(merge_usd_month, 0) <= 0 THEN
            'merging costs more than it saves; the wait itself could be made unpaid (durable, Step Functions)'
        ELSE printf(
            '%s must run alone too? %d of its executions come from this edge; p95 of the caller is '
            || '%.1f s of a timeout of %s s',
            callee_function, executions_count, caller_p95_us / 1000000.0,
            COALESCE(CAST(caller_timeout_s AS VARCHAR), 'unknown')
        )
    END AS counter_evidence
FROM priced;
