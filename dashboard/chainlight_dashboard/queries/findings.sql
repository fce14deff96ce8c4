-- What should change? One row per finding of the decision tree: money first, then risk.
-- columns: rule, verdict, caller_function, callee_function, kind, mode, calls_count, window_days,
--   saving_usd_month, arithmetic, counter_evidence
SELECT
    rule, verdict, caller_function, callee_function, kind, mode, calls_count, window_days,
    saving_usd_month, arithmetic, counter_evidence
FROM findings
ORDER BY
    verdict IN ('leave_alone', 'not_enough_calls'),
    saving_usd_month DESC NULLS LAST, verdict, callee_function, caller_function
