-- What would one sync edge save a month if it were done another way? One row, or none for an edge
-- that is not sync. US dollars a month of 30 days at list price; below zero it would cost more.
-- columns: now_usd_month, merged_saving_usd_month, async_saving_usd_month,
--   durable_saving_usd_month, stepfunctions_saving_usd_month, calls_count, window_days
SELECT
    now_usd_month, merged_saving_usd_month, async_saving_usd_month, durable_saving_usd_month,
    stepfunctions_saving_usd_month, calls_count, window_days
FROM edge_what_ifs
WHERE caller_function = $caller AND callee_function = $callee AND kind = $kind
LIMIT 1
