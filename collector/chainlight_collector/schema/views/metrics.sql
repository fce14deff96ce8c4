-- What did Lambda count that no log line tells (throttles, dropped events, ages)? One row per
-- function, metric and period. value is the statistic ('sum' or 'maximum') over the period in unit
-- ('count' or 'ms'). A period without a row had no point: CloudWatch leaves out zeros.
CREATE OR REPLACE VIEW metrics AS
SELECT
    function_name,
    metric,
    statistic,
    unit,
    make_timestamptz(started_us) AS started_at,
    value,
    started_us,
    period_us,
    day
FROM metric_points;
