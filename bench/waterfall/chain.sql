-- Which facts does one chain of $size invocations leave? A tree of four callees each: two are waited
-- for one after the other, one is invoked asynchronously, one gets a message by a queue. Every
-- tenth asynchronous leaf fails once and is tried again. Neighbours never share a function, so
-- nothing is rolled up and every invocation is a row.
CREATE OR REPLACE TEMP TABLE nodes AS
WITH RECURSIVE tree AS (
    SELECT
        0 AS n, 0 AS depth, CAST($started_us AS BIGINT) AS at_us, CAST($length_us AS BIGINT) AS length_us
    UNION ALL
    SELECT
        t.n * 4 + 1 + k, t.depth + 1,
        t.at_us + t.length_us * [5, 45, 85, 90][k + 1] // 100 + [400, 400, 9000, 40000][k + 1],
        t.length_us // 3
    FROM tree AS t, range(4) AS callees (k)
    WHERE t.n * 4 + 1 + k < $size
)
SELECT
    n, depth, at_us, length_us, (n - 1) // 4 AS parent, (n - 1) % 4 AS k,
    CASE n WHEN 0 THEN 'place-order'
    ELSE ['charge-card', 'score-fraud', 'send-mail', 'pack-parcel'][(n - 1) % 4 + 1] || '-' || depth
    END AS function_name,
    LEFT(MD5($chain_id || n), 8) || '-0000-4000-8000-' || LEFT(MD5(n || $chain_id), 12) AS request_id,
    CASE WHEN n % 40 = 3 AND n * 4 + 1 >= $size THEN 2 ELSE 1 END AS attempts_count
FROM tree;

CREATE OR REPLACE TEMP TABLE runs AS
SELECT
    *, a + 1 = attempts_count AS is_last, at_us + a * (length_us + 60000000) AS run_us
FROM nodes, range(2) AS attempts (a)
WHERE a < attempts_count;

INSERT INTO records BY NAME
SELECT
    '/aws/lambda/' || function_name AS log_group, LEFT(MD5(request_id || a), 16) AS log_stream,
    run_us + length_us AS logged_us, $chain_id AS chain_id, request_id, function_name,
    'arn:aws:lambda:eu-west-1:111122223333:function:' || function_name AS function_arn,
    '$LATEST' AS function_version, '111122223333' AS account_id, 'eu-west-1' AS region,
    512 AS memory_mb, 'x86_64' AS arch, 'on-demand' AS init_type, n % 97 = 0 AS is_cold,
    run_us AS started_us, run_us + length_us AS ended_us,
    CASE WHEN is_last THEN 'ok' ELSE 'error' END AS outcome,
    CASE WHEN n = 0 THEN 'apigw' WHEN k = 3 THEN 'sqs' ELSE 'lambda' END AS source_kind,
    20 AS overhead_us, 1.0 AS sample_rate, 300 AS line_bytes,
    CAST(make_timestamp(run_us) AS DATE) AS day
FROM runs;

INSERT INTO invocation_reports BY NAME
SELECT
    '/aws/lambda/' || function_name AS log_group, LEFT(MD5(request_id || a), 16) AS log_stream,
    run_us + length_us AS logged_us, function_name, request_id, length_us AS duration_us,
    (length_us + 999) // 1000 AS billed_ms, 512 AS memory_mb, 80 AS max_memory_used_mb,
    CASE WHEN n % 97 = 0 THEN 180000 END AS init_us,
    CAST(make_timestamp(run_us) AS DATE) AS day, FALSE AS is_end
FROM runs;

INSERT INTO record_calls BY NAME
SELECT
    LEFT(MD5('call' || callee.request_id), 16) AS call_id, caller.function_name, caller.request_id,
    caller.at_us AS record_started_us, CASE callee.k WHEN 3 THEN 'sqs' ELSE 'lambda' END AS kind,
    callee.function_name AS target, CASE callee.k WHEN 3 THEN 'SendMessage' ELSE 'Invoke' END AS operation,
    callee.k = 2 AS is_async,
    caller.at_us + caller.length_us * [5, 45, 85, 90][callee.k + 1] // 100 AS started_us,
    CASE WHEN callee.k < 2 THEN callee.length_us + 800 ELSE LEAST(6000, caller.length_us // 20) END AS wait_us,
    0 AS cpu_us, 200 AS status_code,
    [CASE callee.k WHEN 3 THEN 'm' ELSE '' END || callee.request_id] AS natural_keys,
    1 AS tries_count, 500 + callee.n % 4000 AS payload_bytes,
    CASE WHEN callee.k < 2 THEN TRUE END AS result_was_read, FALSE AS is_open,
    CAST(make_timestamp(caller.at_us) AS DATE) AS day
FROM nodes AS callee
INNER JOIN nodes AS caller ON caller.n = callee.parent
WHERE callee.n > 0;

INSERT INTO record_causes BY NAME
SELECT
    function_name, request_id, at_us AS record_started_us, 0 AS cause_index, 1 AS causes_count,
    ['m' || request_id] AS natural_keys, 1 AS receive_count,
    CAST(make_timestamp(at_us) AS DATE) AS day
FROM nodes
WHERE k = 3 AND n > 0;
