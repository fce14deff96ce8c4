-- T10: nothing else to say? One row per async edge above the floor of calls that T8 leaves: a
-- finding too, with the numbers that make it one. saving_usd_month is 0.
CREATE OR REPLACE VIEW finding_t10 AS
SELECT
    'T10' AS rule,
    'leave_alone' AS verdict,
    f.caller_function,
    f.callee_function,
    f.kind,
    f.mode,
    f.calls_count,
    f.window_days,
    CAST(0 AS DOUBLE) AS saving_usd_month,
    printf(
        'async, nobody waits; %d of %d executions failed, %d retried; requests $%.6f in the window (%s)',
        f.failed_executions_count, f.executions_count, f.retried_count, f.request_usd, f.window_text
    ) AS arithmetic,
    CASE
        WHEN NOT f.has_callee_config THEN
            'the configuration of the callee was not read: whether it has a DLQ is unknown'
        ELSE 'a burst or a slower downstream may not have been seen in this window'
    END AS counter_evidence
FROM finding_edges AS f
WHERE f.mode = 'async' AND f.calls_count >= f.calls_min AND NOT f.is_unguarded;
