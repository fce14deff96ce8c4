-- A small evening for the recipes: 40 orders that wait for a charge and fan out to two checks, an
-- archive that nobody reads, a mail that is retried and dies, a caller that gives up, a repeated call.
SET VARIABLE t0 = 1790000000000000;

CREATE TEMP TABLE runs AS
SELECT * FROM (
    SELECT i, 'order' AS f, 'A' || i AS r, i * 60000000 AS at_us, 900000 AS length_us, 'ok' AS outcome
    FROM range(40) AS n (i)
    UNION ALL SELECT i, 'charge', 'B' || i, i * 60000000 + 20000, 300000, 'ok' FROM range(40) AS n (i)
    UNION ALL SELECT i, 'check', 'C' || i, i * 60000000 + 20000, 100000, 'ok' FROM range(40) AS n (i)
    UNION ALL SELECT i, 'archive', 'D' || i, i * 60000000 + 420000, 200000, 'ok' FROM range(40) AS n (i)
    UNION ALL SELECT i, 'mail', 'E' || i, i * 60000000 + 800000 + k * 1000000, 50000,
        CASE WHEN i % 4 = 0 THEN 'error' WHEN k < 1 AND i % 4 = 1 THEN 'error' ELSE 'ok' END
    FROM range(40) AS n (i), range(3) AS m (k)
    WHERE k = 0 OR i % 4 = 0 OR (i % 4 = 1 AND k = 1)
    UNION ALL SELECT 0, 'slow', 'F' || k, 620000 + k * 1000, 5000000, 'ok' FROM range(2) AS m (k)
);

CREATE TEMP TABLE sent AS
SELECT
    'A' || i || '-' || callee AS call_id, i, callee, offset_us, wait_us, is_async, was_read,
    tries_count, natural_keys, status_code, error_type
FROM range(40) AS n (i), (VALUES
    ('charge', 10000, 320000, FALSE, TRUE, 'B'), ('check', 10000, 120000, FALSE, TRUE, 'C'),
    ('archive', 400000, 230000, FALSE, FALSE, 'D'), ('mail', 700000, 5000, TRUE, NULL, 'E')
) AS c (callee, offset_us, wait_us, is_async, was_read, letter),
LATERAL (
    SELECT 1 AS tries_count, [letter || i] AS natural_keys, 200 AS status_code,
        CAST(NULL AS VARCHAR) AS error_type
)
UNION ALL
SELECT 'A0-slow', 0, 'slow', 610000, 250000, FALSE, NULL, 2, CAST([] AS VARCHAR[]), NULL,
    'ReadTimeoutError';

INSERT INTO records BY NAME
SELECT
    '/aws/lambda/' || f AS log_group, 's' || r || at_us AS log_stream,
    getvariable('t0') + at_us + length_us AS logged_us,
    '1-6ab13b80-' || LPAD(TO_HEX(i), 24, '0') AS chain_id, r AS request_id, f AS function_name,
    'arn:aws:lambda:eu-west-1:111122223333:function:' || f AS function_arn,
    '111122223333' AS account_id, 'eu-west-1' AS region, 512 AS memory_mb, 'x86_64' AS arch,
    'on-demand' AS init_type, i = 0 AS is_cold, getvariable('t0') + at_us AS started_us,
    getvariable('t0') + at_us + length_us AS ended_us, outcome, 'lambda' AS source_kind,
    CASE WHEN f = 'charge' THEN '{"dynamodb":[2,4000]}' END AS other_waits, 20 AS overhead_us,
    1.0 AS sample_rate, 240 AS line_bytes,
    CAST(make_timestamp(getvariable('t0') + at_us) AS DATE) AS day,
    CASE f WHEN 'charge' THEN 'payments' ELSE 'shop' END AS owner
FROM runs;

INSERT INTO invocation_reports BY NAME
SELECT
    '/aws/lambda/' || f AS log_group, 's' || r || at_us AS log_stream,
    getvariable('t0') + at_us + length_us AS logged_us, f AS function_name, r AS request_id,
    length_us AS duration_us, length_us // 1000 AS billed_ms, 512 AS memory_mb,
    60 AS max_memory_used_mb,
    CAST(make_timestamp(getvariable('t0') + at_us) AS DATE) AS day, FALSE AS is_end
FROM runs;

INSERT INTO record_calls BY NAME
SELECT
    call_id, 'order' AS function_name, 'A' || i AS request_id,
    getvariable('t0') + i * 60000000 AS record_started_us, 'lambda' AS kind, callee AS target,
    'Invoke' AS operation, is_async, getvariable('t0') + i * 60000000 + offset_us AS started_us,
    wait_us, 0 AS cpu_us, status_code, error_type, natural_keys, tries_count,
    2000 AS payload_bytes, was_read AS result_was_read, FALSE AS is_open,
    CAST(make_timestamp(getvariable('t0')) AS DATE) AS day
FROM sent;

INSERT INTO record_causes BY NAME
SELECT
    'slow' AS function_name, 'F' || k AS request_id,
    getvariable('t0') + 620000 + k * 1000 AS record_started_us, 0 AS cause_index,
    1 AS causes_count, 'A0' AS caller_request_id, 'A0-slow' AS call_id,
    CAST([] AS VARCHAR[]) AS natural_keys, 1 AS receive_count
FROM range(2) AS m (k);

INSERT INTO function_configs BY NAME
SELECT
    f AS function_name, 'arn:aws:lambda:eu-west-1:111122223333:function:' || f AS function_arn,
    '111122223333' AS account_id, 'eu-west-1' AS region, 'x86_64' AS arch, 512 AS memory_mb,
    30 AS timeout_s, getvariable('t0') AS observed_us
FROM (SELECT DISTINCT f FROM runs);

INSERT INTO dead_letter_messages BY NAME
SELECT
    'arn:aws:sqs:eu-west-1:111122223333:mail-dlq' AS queue_arn, 'M' AS message_id,
    'lambda_dlq' AS source, 'E0' AS request_id, 'mail' AS function_name,
    getvariable('t0') + 4000000 AS sent_us, getvariable('t0') + 9000000 AS seen_us;

INSERT INTO collector_runs
VALUES (getvariable('t0'), getvariable('t0') + 1000000, 'ok', 10, 0, 0, 12, '{}');
