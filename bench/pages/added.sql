-- What do pages ask that the shops' rows do not tell? Configurations of all functions (one in five has a
-- dead-letter queue, one in five has nowhere to put what fails), a dead letter for each mail that failed
-- for good, as it lies in the queue, and a run of the collector that has just ended.
INSERT INTO function_configs BY NAME
SELECT
    function_name, ANY_VALUE(function_arn) AS function_arn, ANY_VALUE(account_id) AS account_id,
    ANY_VALUE(region) AS region, LEFT(function_name, 6) AS owner, 'python3.13' AS runtime,
    ANY_VALUE(arch) AS arch, ANY_VALUE(memory_mb) AS memory_mb, 30 AS timeout_s, TRUE AS has_layer,
    CASE WHEN function_name LIKE '%-mail' AND function_name < 'shop20'
        THEN 'arn:aws:sqs:eu-west-1:111122223333:' || LEFT(function_name, 6) || '-mail-dlq'
    END AS dlq_arn,
    2 AS max_retry_attempts, 'JSON' AS log_format, 'PassThrough' AS tracing_mode,
    getvariable('now_us') AS observed_us, CURRENT_DATE AS day
FROM attempt_rows
GROUP BY function_name;

INSERT INTO dead_letter_messages BY NAME
SELECT
    'arn:aws:sqs:eu-west-1:111122223333:' || LEFT(function_name, 6) || '-mail-dlq' AS queue_arn,
    LEFT(MD5(request_id), 8) || '-0000-4000-8000-' || RIGHT(MD5(request_id), 12) AS message_id,
    'lambda_dlq' AS source, function_name, request_id, 'RetriesExhausted' AS condition,
    '200' AS error_code, 'the mail server did not answer' AS error_message, 3 AS attempts_count,
    ended_us AS sent_us, ended_us + 60000000 AS seen_us, 900 AS body_bytes,
    MD5(request_id) AS body_sha256, day
FROM attempt_rows
WHERE function_name LIKE '%-mail' AND function_name < 'shop20' AND attempt_number = 3
    AND outcome = 'error';

INSERT INTO letter_rows BY NAME
SELECT chain_id, function_name, request_id, queue_arn, message_id, sent_us, day
FROM dead_letters
WHERE chain_id IS NOT NULL
ORDER BY chain_id, message_id;

INSERT INTO collector_runs BY NAME
SELECT
    getvariable('now_us') - 2000000 AS started_us, getvariable('now_us') AS ended_us, 'ok' AS outcome,
    COUNT(*) AS kept_count, 0 AS known_count, 0 AS rejected_count, 40 AS api_calls_count
FROM attempt_rows;
