-- What is multiplied? The facts of seven hours of 25 shops: each of 20,000 orders waits for a charge,
-- that for a fraud score, sends a mail (one in ten is tried again, one in fifty fails for good) and
-- puts a parcel in a queue. 102,400 attempts, 80,000 calls, 100 edges; the variable t0 is its beginning.
CREATE TEMP TABLE orders AS
SELECT
    i, 'shop' || LPAD(CAST(i % 25 AS VARCHAR), 2, '0') AS shop,
    getvariable('t0') + i * 1300000 + CAST(HASH(i) % 900000 AS BIGINT) AS at_us,
    20000 + CAST(HASH(i + 1) % 180000 AS BIGINT) * (1 + CAST(HASH(i + 2) % 20 = 0 AS BIGINT) * 4) AS fraud_us,
    30000 + CAST(HASH(i + 3) % 60000 AS BIGINT) AS own_us
FROM range(20000) AS n (i);

CREATE TEMP TABLE runs AS
SELECT i, shop, 'order' AS step, 0 AS attempt, at_us, fraud_us + own_us * 3 AS length_us, 'ok' AS outcome FROM orders
UNION ALL
SELECT i, shop, 'charge', 0, at_us + own_us, fraud_us + own_us, 'ok' FROM orders
UNION ALL
SELECT i, shop, 'fraud', 0, at_us + own_us + 9000, fraud_us, 'ok' FROM orders
UNION ALL
SELECT
    i, shop, 'mail', k, at_us + own_us * 4 + fraud_us + k * 60000000, own_us,
    CASE WHEN i % 50 = 0 OR (i % 10 = 0 AND k = 0) THEN 'error' ELSE 'ok' END
FROM orders, range(3) AS m (k)
WHERE k = 0 OR i % 50 = 0 OR (i % 10 = 0 AND k = 1)
UNION ALL
SELECT i, shop, 'pack', 0, at_us + own_us * 5 + fraud_us, own_us // 2, 'ok' FROM orders;

CREATE TEMP MACRO request_of(step, i) AS
LEFT(MD5(step || i), 8) || '-0000-4000-8000-' || LEFT(MD5(i || step), 12);

CREATE TEMP MACRO chain_of(i, at_us) AS
'1-' || LPAD(LOWER(TO_HEX(at_us // 1000000)), 8, '0') || '-' || LEFT(MD5('chain' || i), 24);

INSERT INTO records BY NAME
SELECT
    '/aws/lambda/' || shop || '-' || step AS log_group, LEFT(MD5(step || i || '/' || attempt), 16) AS log_stream,
    at_us + length_us AS logged_us, chain_of(i, ordered_us) AS chain_id,
    request_of(step, i) AS request_id, shop || '-' || step AS function_name,
    'arn:aws:lambda:eu-west-1:111122223333:function:' || shop || '-' || step AS function_arn,
    '$LATEST' AS function_version, '111122223333' AS account_id, 'eu-west-1' AS region,
    CASE step WHEN 'fraud' THEN 1024 ELSE 512 END AS memory_mb, 'x86_64' AS arch,
    'on-demand' AS init_type, i % 100 = 0 AS is_cold, at_us AS started_us,
    at_us + length_us AS ended_us, outcome,
    CASE step WHEN 'order' THEN 'apigw' WHEN 'pack' THEN 'sqs' ELSE 'lambda' END AS source_kind,
    20 AS overhead_us, 1.0 AS sample_rate, 300 AS line_bytes,
    CAST(make_timestamp(at_us) AS DATE) AS day
FROM runs
INNER JOIN (SELECT i, at_us AS ordered_us FROM orders) AS entered USING (i);

INSERT INTO invocation_reports BY NAME
SELECT
    '/aws/lambda/' || shop || '-' || step AS log_group, LEFT(MD5(step || i || '/' || attempt), 16) AS log_stream,
    at_us + length_us AS logged_us, shop || '-' || step AS function_name,
    request_of(step, i) AS request_id, length_us AS duration_us,
    (length_us + 999) // 1000 AS billed_ms,
    CASE step WHEN 'fraud' THEN 1024 ELSE 512 END AS memory_mb, 80 AS max_memory_used_mb,
    CAST(make_timestamp(at_us) AS DATE) AS day, FALSE AS is_end
FROM runs;

INSERT INTO record_calls BY NAME
WITH sent AS (
    SELECT i, shop, 'order' AS step, 'charge' AS target, at_us, own_us AS offset_us, fraud_us + own_us + 8000 AS wait_us FROM orders
    UNION ALL
    SELECT i, shop, 'charge', 'fraud', at_us + own_us, 5000, fraud_us + 8000 FROM orders
    UNION ALL
    SELECT i, shop, 'order', 'mail', at_us, own_us * 2 + fraud_us + 9000, 6000 FROM orders
    UNION ALL
    SELECT i, shop, 'order', 'pack', at_us, own_us * 2 + fraud_us + 16000, 4000 FROM orders
)
SELECT
    LEFT(MD5(target || i || 'call'), 16) AS call_id, shop || '-' || step AS function_name,
    request_of(step, i) AS request_id, at_us AS record_started_us,
    CASE target WHEN 'pack' THEN 'sqs' ELSE 'lambda' END AS kind,
    shop || '-' || target AS target, 'Invoke' AS operation, target = 'mail' AS is_async,
    at_us + offset_us AS started_us, wait_us, 0 AS cpu_us, 200 AS status_code,
    [CASE target WHEN 'pack' THEN 'm' ELSE '' END || request_of(target, i)] AS natural_keys,
    1 AS tries_count, 500 + CAST(HASH(i) % 4000 AS BIGINT) AS payload_bytes,
    CASE WHEN target IN ('charge', 'fraud') THEN TRUE END AS result_was_read, FALSE AS is_open,
    CAST(make_timestamp(at_us) AS DATE) AS day
FROM sent;

INSERT INTO record_causes BY NAME
SELECT
    shop || '-pack' AS function_name, request_of('pack', i) AS request_id,
    at_us AS record_started_us, 0 AS cause_index, 1 AS causes_count,
    ['m' || request_of('pack', i)] AS natural_keys, 1 AS receive_count,
    CAST(make_timestamp(at_us) AS DATE) AS day
FROM runs
WHERE step = 'pack';

DROP TABLE orders;
DROP TABLE runs;
