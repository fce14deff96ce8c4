-- How large may a payload be? One row per carrier, mode ('*': any) and period; bytes; valid_to is
-- exclusive. Dates of the raised limits are the earliest day on which we know them to hold.
CREATE OR REPLACE VIEW limits AS
SELECT
    kind, mode, CAST(payload_limit_bytes AS BIGINT) AS payload_limit_bytes,
    CAST(valid_from AS DATE) AS valid_from, CAST(valid_to AS DATE) AS valid_to
FROM (VALUES
    ('lambda', 'sync', 6291456, '2014-11-13', '9999-12-31'),
    ('lambda', 'async', 262144, '2014-11-13', '2025-10-01'),
    ('lambda', 'async', 1048576, '2025-10-01', '9999-12-31'),
    ('sqs', '*', 262144, '2013-06-18', '2025-08-01'),
    ('sqs', '*', 1048576, '2025-08-01', '9999-12-31'),
    ('sns', '*', 262144, '2013-06-18', '9999-12-31'),
    ('eventbridge', '*', 262144, '2016-01-14', '2025-10-01'),
    ('eventbridge', '*', 1048576, '2025-10-01', '9999-12-31'),
    ('kinesis', '*', 1048576, '2013-11-14', '9999-12-31'),
    ('stepfunctions', '*', 32768, '2016-12-01', '2020-09-10'),
    ('stepfunctions', '*', 262144, '2020-09-10', '9999-12-31')
) AS seed (kind, mode, payload_limit_bytes, valid_from, valid_to);
