-- What should I change first, and what does it save a month?
SELECT rule, verdict, caller_function, callee_function, saving_usd_month, arithmetic, counter_evidence
FROM findings
WHERE verdict NOT IN ('leave_alone', 'not_enough_calls')
ORDER BY saving_usd_month DESC;
