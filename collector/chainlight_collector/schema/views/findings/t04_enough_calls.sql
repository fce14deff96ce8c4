-- T4, sync or async: is there enough to judge by? One row per edge below the floor of calls.
-- Edges above it go on: sync to T6 and T7, async to T8 and T10. Money is not extrapolated here.
CREATE OR REPLACE VIEW finding_t4 AS
SELECT
    'T4' AS rule,
    'not_enough_calls' AS verdict,
    caller_function,
    callee_function,
    kind,
    mode,
    calls_count,
    window_days,
    CAST(NULL AS DOUBLE) AS saving_usd_month,
    printf(
        '%s; the floor is %d calls', window_text, CAST(calls_min AS BIGINT)
    ) AS arithmetic,
    'a longer window may bring enough calls' AS counter_evidence
FROM finding_edges
WHERE calls_count < calls_min;
