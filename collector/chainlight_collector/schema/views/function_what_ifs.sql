-- What would each function cost under other rules? One row per function; US dollars in the window,
-- and what a change to arm64 would save in a month of 30 days. cost_2020_usd: Lambda's rules until
-- 2020-12-01 and -, for init, until 2025-08-01: steps of 100 ms, init free. arm64_usd supposes the same
-- duration on arm64: measure before you move. NULL where region, architecture or memory is unknown.
CREATE OR REPLACE VIEW function_what_ifs AS
SELECT
    function_name,
    CAST(SUM(invocations_count) AS BIGINT) AS invocations_count,
    SUM(cost_usd) AS cost_usd,
    SUM(cost_2020_usd) AS cost_2020_usd,
    SUM(cost_2020_usd) - SUM(cost_usd) AS more_in_2020_usd,
    SUM(arm64_usd) AS arm64_usd,
    (SUM(cost_usd) - SUM(arm64_usd)) * ANY_VALUE(w.month_factor) AS arm64_saving_usd_month
FROM function_totals
CROSS JOIN observed_window AS w
GROUP BY function_name;
