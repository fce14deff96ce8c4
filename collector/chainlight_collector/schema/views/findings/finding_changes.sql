-- What would three other ways cost, that a wait can be spent? One row per edge: finding_edges with the
-- US dollars that each way saves in the window, below zero where it costs more, and the best of them.
-- merge_usd: wait x mem_A x P + requests - t_B x max(0, mem_A - mem_B) x P
-- - t_A,own x max(0, mem_B - mem_A) x P, where t_A,own is that of all executions of the caller: each of
-- them would get the larger memory. durable_usd: the wait is not billed; a call costs two operations
-- and one more request to resume. stepfunctions_usd: the caller in two halves around a task: three
-- transitions and one more request. The last two for direct invokes only.
CREATE OR REPLACE VIEW finding_changes AS
WITH grown AS (
    SELECT
        *,
        GREATEST(caller_memory_mb, callee_memory_mb) AS merged_memory_mb,
        callee_duration_us / 1000000.0 * GREATEST(0, caller_memory_mb - callee_memory_mb) / 1024.0
            * gb_s_usd AS callee_grows_usd,
        caller_own_us / 1000000.0 * GREATEST(0, callee_memory_mb - caller_memory_mb) / 1024.0
            * gb_s_usd AS caller_grows_usd,
        CASE WHEN kind = 'lambda' THEN
            paid_idle_usd - calls_count * (2 * one_operation_usd + one_request_usd)
        END AS durable_usd,
        CASE WHEN kind = 'lambda' THEN
            paid_idle_usd - calls_count * (3 * one_transition_usd + one_request_usd)
        END AS stepfunctions_usd,
        COALESCE(paid_idle_usd * month_factor >= saving_usd_month_min, FALSE)
            OR is_near_timeout OR is_over_objective AS wait_matters
    FROM finding_edges
),

merged AS (
    SELECT
        *,
        paid_idle_usd + request_usd - callee_grows_usd - caller_grows_usd AS merge_usd
    FROM grown
),

compared AS (
    SELECT *, GREATEST(merge_usd, durable_usd, stepfunctions_usd) AS best_usd FROM merged
)

SELECT
    *,
    CASE
        WHEN is_unpaid_caller OR NOT wait_matters OR COALESCE(best_usd, 0) <= 0 THEN 'leave_alone'
        WHEN merge_usd = best_usd THEN 'merge'
        WHEN durable_usd = best_usd THEN 'make_durable'
        ELSE 'use_step_functions'
    END AS best_change
FROM compared;
