-- From when is something worth saying? One row per setting of the findings, with its unit.
CREATE OR REPLACE VIEW threshold_seeds AS
SELECT name, CAST(value AS DOUBLE) AS value, meaning
FROM (VALUES
    ('calls_min', 20, 'calls of an edge below which nothing is advised'),
    ('saving_usd_month_min', 1, 'US dollars a month below which a paid wait does not matter'),
    ('timeout_share_max', 0.8, 'share of its timeout that a caller may use before the wait matters'),
    ('failed_share_max', 0.05, 'share of failed callee attempts above which a buffer is advised'),
    ('throttled_share_max', 0.01, 'share of throttled calls above which a buffer is advised'),
    ('retried_share_max', 0.1, 'share of retried callee invocations above which a buffer is advised'),
    ('drift_ratio_max', 1.5, 'factor against last week from which a shape''s p95 or cost has moved'),
    ('drift_failed_min', 0.05, 'change of the failed share from which a shape has moved'),
    ('recursion_depth_max', 8, 'how often a function may call itself in a row; AWS stops at about 16')
) AS seed (name, value, meaning);
