-- What does AWS ask? One row per item, region, architecture, tier and period; US dollars, list price.
-- region '*': us-east-1's list price, used where no row names the region. arch '*': any.
-- tier_from: units of the month from which the price holds (GB-s); money per attempt uses tier 0,
-- monthly_bill all of them. valid_to is exclusive. Source: AWS price pages as of 2026-11-21;
-- is_checked is false where the figure was not read there: verify it before you rely on it.
CREATE OR REPLACE VIEW price_seeds AS
SELECT
    item, region, arch, CAST(tier_from AS DOUBLE) AS tier_from, unit,
    CAST(price_usd AS DOUBLE) AS price_usd,
    CAST(valid_from AS DATE) AS valid_from, CAST(valid_to AS DATE) AS valid_to, is_checked
FROM (VALUES
    ('lambda_gb_s', '*', 'x86_64', 0, 'GB-s', 0.0000166667, '2014-11-13', '9999-12-31', TRUE),
    ('lambda_gb_s', '*', 'x86_64', 6e9, 'GB-s', 0.0000150000, '2022-08-05', '9999-12-31', TRUE),
    ('lambda_gb_s', '*', 'x86_64', 15e9, 'GB-s', 0.0000133334, '2022-08-05', '9999-12-31', TRUE),
    ('lambda_gb_s', '*', 'arm64', 0, 'GB-s', 0.0000133334, '2021-09-29', '9999-12-31', TRUE),
    ('lambda_gb_s', '*', 'arm64', 7.5e9, 'GB-s', 0.0000120001, '2022-08-05', '9999-12-31', FALSE),
    ('lambda_gb_s', '*', 'arm64', 18.75e9, 'GB-s', 0.0000106667, '2022-08-05', '9999-12-31', FALSE),
    ('lambda_gb_s', 'af-south-1', 'x86_64', 0, 'GB-s', 0.0000221000, '2020-04-22', '9999-12-31', FALSE),
    ('lambda_gb_s', 'ap-east-1', 'x86_64', 0, 'GB-s', 0.0000229200, '2019-04-25', '9999-12-31', FALSE),
    ('lambda_gb_s', 'eu-south-1', 'x86_64', 0, 'GB-s', 0.0000195172, '2020-04-28', '9999-12-31', FALSE),
    ('lambda_gb_s', 'me-south-1', 'x86_64', 0, 'GB-s', 0.0000206667, '2019-07-30', '9999-12-31', FALSE),
    ('lambda_provisioned_gb_s', '*', 'x86_64', 0, 'GB-s', 0.0000097222, '2019-12-03', '9999-12-31', TRUE),
    ('lambda_provisioned_gb_s', '*', 'arm64', 0, 'GB-s', 0.0000077778, '2021-09-29', '9999-12-31', FALSE),
    ('lambda_provisioned_reserved_gb_s', '*', 'x86_64', 0, 'GB-s', 0.0000041667, '2019-12-03', '9999-12-31', TRUE),
    ('lambda_provisioned_reserved_gb_s', '*', 'arm64', 0, 'GB-s', 0.0000033334, '2021-09-29', '9999-12-31', FALSE),
    ('lambda_snapstart_restore_gb', '*', '*', 0, 'GB', 0.0001397998, '2024-11-18', '9999-12-31', TRUE),
    ('lambda_snapstart_cached_gb_s', '*', '*', 0, 'GB-s', 0.0000015046, '2024-11-18', '9999-12-31', FALSE),
    ('lambda_request', '*', '*', 0, 'request', 0.0000002, '2014-11-13', '9999-12-31', TRUE),
    ('durable_operation', '*', '*', 0, 'operation', 0.000008, '2025-12-02', '9999-12-31', FALSE),
    ('stepfunctions_transition', '*', '*', 0, 'transition', 0.000025, '2016-12-01', '9999-12-31', TRUE),
    ('stepfunctions_express_request', '*', '*', 0, 'request', 0.000001, '2019-12-03', '9999-12-31', TRUE),
    ('stepfunctions_express_gb_s', '*', '*', 0, 'GB-s', 0.00001667, '2019-12-03', '9999-12-31', TRUE),
    ('xray_trace_recorded', '*', '*', 0, 'trace', 0.000005, '2017-04-19', '9999-12-31', TRUE),
    ('xray_trace_retrieved', '*', '*', 0, 'trace', 0.0000005, '2017-04-19', '9999-12-31', TRUE),
    ('logs_ingested_gb', '*', '*', 0, 'GB', 0.5, '2014-07-10', '9999-12-31', TRUE),
    ('cloudwatch_metric_requested', '*', '*', 0, 'metric', 0.00001, '2018-07-01', '9999-12-31', FALSE),
    ('sqs_request', '*', '*', 0, 'request', 0.0000004, '2014-01-01', '9999-12-31', FALSE),
    ('sns_request', '*', '*', 0, 'request', 0.0000005, '2014-01-01', '9999-12-31', FALSE),
    ('eventbridge_event', '*', '*', 0, 'event', 0.000001, '2016-01-14', '9999-12-31', FALSE),
    ('kinesis_put_unit', '*', '*', 0, '25 KB', 0.000000014, '2013-11-14', '9999-12-31', FALSE),
    ('dynamodb_write_unit', '*', '*', 0, 'unit', 0.000000625, '2024-11-01', '9999-12-31', FALSE),
    ('dynamodb_write_unit', '*', '*', 0, 'unit', 0.00000125, '2018-11-28', '2024-11-01', FALSE),
    ('s3_put_request', '*', '*', 0, 'request', 0.000005, '2006-03-14', '9999-12-31', FALSE),
    ('s3_get_request', '*', '*', 0, 'request', 0.0000004, '2006-03-14', '9999-12-31', FALSE),
    ('apigw_rest_request', '*', '*', 0, 'request', 0.0000035, '2015-07-09', '9999-12-31', FALSE),
    ('apigw_http_request', '*', '*', 0, 'request', 0.000001, '2019-12-04', '9999-12-31', FALSE)
) AS seed (item, region, arch, tier_from, unit, price_usd, valid_from, valid_to, is_checked);
