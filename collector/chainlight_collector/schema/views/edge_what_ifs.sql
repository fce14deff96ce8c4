-- What would each sync edge save in a month if it were done another way? One row per sync edge; US
-- dollars a month of 30 days at list price, below zero where it would cost more. now_usd_month: the
-- paid wait and the requests. merged, durable, Step Functions: see finding_changes. async: nobody
-- waits, the requests stay (the answer is lost).
CREATE OR REPLACE VIEW edge_what_ifs AS
SELECT
    caller_function,
    callee_function,
    kind,
    calls_count,
    (paid_idle_usd + request_usd) * month_factor AS now_usd_month,
    merge_usd * month_factor AS merged_saving_usd_month,
    CASE WHEN kind = 'lambda' THEN paid_idle_usd * month_factor END AS async_saving_usd_month,
    durable_usd * month_factor AS durable_saving_usd_month,
    stepfunctions_usd * month_factor AS stepfunctions_saving_usd_month,
    best_change,
    result_read_count * 1.0 / NULLIF(result_known_count, 0) AS result_read_share,
    window_days
FROM finding_changes
WHERE mode = 'sync';
