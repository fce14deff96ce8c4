-- What would this cost by the rules of 2020, and what on arm64?
SELECT function_name, cost_usd, cost_2020_usd, arm64_usd, arm64_saving_usd_month
FROM function_what_ifs
ORDER BY cost_usd DESC NULLS LAST;
