-- How does Lambda count what it bills? One row per rule and period; valid_to is exclusive.
-- billed_unit_ms: durations round up to it. init_is_billed: 1 where Billed Duration contains Init
-- (ZIP functions on managed runtimes; others always paid for it). Costs use the REPORT's own Billed
-- Duration, which has these rules inside; the rules serve what-if questions.
CREATE OR REPLACE VIEW billing_rules AS
SELECT
    rule, CAST(value AS BIGINT) AS value,
    CAST(valid_from AS DATE) AS valid_from, CAST(valid_to AS DATE) AS valid_to
FROM (VALUES
    ('billed_unit_ms', 100, '2014-11-13', '2020-12-01'),
    ('billed_unit_ms', 1, '2020-12-01', '9999-12-31'),
    ('init_is_billed', 0, '2014-11-13', '2025-08-01'),
    ('init_is_billed', 1, '2025-08-01', '9999-12-31')
) AS seed (rule, value, valid_from, valid_to);
