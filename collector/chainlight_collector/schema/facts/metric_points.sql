-- What CloudWatch counted of a function: one row per function, metric and period that had a point.
-- Natural key: function_name, metric, started_us, period_us; a point that grew is replaced.
-- metric is CloudWatch's own name; statistic 'sum' or 'maximum' over the period; unit 'count' or 'ms'.
CREATE TABLE IF NOT EXISTS metric_points (
    function_name VARCHAR,
    metric VARCHAR,
    statistic VARCHAR,
    unit VARCHAR,
    started_us BIGINT,
    period_us BIGINT,
    value DOUBLE,
    day DATE
);
