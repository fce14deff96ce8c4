-- What does sending over each carrier cost? One row per carrier and item of the price book:
-- units_per_request for each request sent, units_per_execution for each execution it set off
-- (SQS: one receive and one delete a batch; S3: one GET of the object).
CREATE OR REPLACE VIEW carrier_prices AS
SELECT carrier, item, CAST(units_per_request AS DOUBLE) AS units_per_request,
    CAST(units_per_execution AS DOUBLE) AS units_per_execution
FROM (VALUES
    ('sqs', 'sqs_request', 1, 2),
    ('sns', 'sns_request', 1, 0),
    ('eventbridge', 'eventbridge_event', 1, 0),
    ('kinesis', 'kinesis_put_unit', 1, 0),
    ('dynamodb', 'dynamodb_write_unit', 1, 0),
    ('s3', 's3_put_request', 1, 0),
    ('s3', 's3_get_request', 0, 1),
    ('apigw', 'apigw_http_request', 1, 0)
) AS seed (carrier, item, units_per_request, units_per_execution);
