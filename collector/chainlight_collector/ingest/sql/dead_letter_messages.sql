-- Which dead letters are these? One row per message that is not yet known, first sighting. The body
-- is read for its envelope and not kept. The source is told by shape, the surest first: attributes
-- of EventBridge, a destination record (also inside an SNS or EventBridge envelope), attributes of a
-- Lambda DLQ, an SNS envelope, the redrive attribute of SQS.
-- Messages of a queue that is not known to hold dead letters need a sign of their own.
-- Records of condition Success lie in a destination too, but are no dead letters.
CREATE OR REPLACE TEMP TABLE parsed_dead_letters AS
SELECT *,
    message_id IS NOT NULL
    AND coalesce(condition, '') <> 'Success'
    AND ($is_known_queue OR coalesce(source, 'sns') <> 'sns') AS is_dead_letter
FROM (SELECT
    queue_arn, message_id, body,
    CASE
        WHEN attributes->>'$.RULE_ARN.StringValue' IS NOT NULL THEN 'eventbridge'
        WHEN destination->>'$.requestContext.condition' IS NOT NULL THEN
            CASE WHEN stream_batch IS NOT NULL THEN 'stream' ELSE 'destination' END
        WHEN envelope->>'$.MessageAttributes.RequestID.Value' IS NOT NULL THEN 'lambda_dlq'
        WHEN (envelope->>'$.Type') = 'Notification' THEN 'sns'
        WHEN attributes->>'$.RequestID.StringValue' IS NOT NULL THEN 'lambda_dlq'
        WHEN system->>'$.DeadLetterQueueSourceArn' IS NOT NULL THEN 'sqs_redrive'
    END AS source,
    system->>'$.DeadLetterQueueSourceArn' AS source_queue_arn,
    regexp_extract(
        coalesce(destination->>'$.requestContext.functionArn', attributes->>'$.TARGET_ARN.StringValue'),
        '^arn:[^:]*:lambda:[^:]*:[^:]*:function:[^:]+'
    ) AS function_arn,
    coalesce(
        destination->>'$.requestContext.requestId',
        attributes->>'$.RequestID.StringValue',
        envelope->>'$.MessageAttributes.RequestID.Value'
    ) AS request_id,
    trace_root_of(system->>'$.AWSTraceHeader') AS trace_root,
    coalesce(
        destination->>'$.requestContext.condition',
        attributes->>'$.EXHAUSTED_RETRY_CONDITION.StringValue'
    ) AS condition,
    coalesce(
        destination->>'$.responsePayload.errorType',
        destination->>'$.responseContext.functionError',
        attributes->>'$.ERROR_CODE.StringValue',
        attributes->>'$.ErrorCode.StringValue',
        envelope->>'$.MessageAttributes.ErrorCode.Value'
    ) AS error_code,
    left(coalesce(
        destination->>'$.responsePayload.errorMessage',
        attributes->>'$.ERROR_MESSAGE.StringValue',
        attributes->>'$.ErrorMessage.StringValue',
        envelope->>'$.MessageAttributes.ErrorMessage.Value'
    ), 1024) AS error_message,
    whole(coalesce(
        destination->>'$.requestContext.approximateInvokeCount',
        attributes->>'$.RETRY_ATTEMPTS.StringValue'
    )) AS attempts_count,
    us_of_ms(TRY_CAST(system->>'$.SentTimestamp' AS BIGINT)) AS sent_us,
    list_distinct(list_filter([
        message_id,
        CASE WHEN (envelope->>'$.Type') = 'Notification' THEN envelope->>'$.MessageId' END,
        CASE WHEN json_exists(envelope, '$."detail-type"') THEN envelope->>'$.id' END,
        (stream_batch->>'$.shardId') || ':' || (stream_batch->>'$.startSequenceNumber')
    ], lambda each: each IS NOT NULL)) AS natural_keys,
    whole(stream_batch->>'$.batchSize') AS batch_size_count,
    rank
FROM (
    SELECT *,
        coalesce(destination->'$.KinesisBatchInfo', destination->'$.DDBStreamBatchInfo') AS stream_batch
    FROM (
    SELECT *, CASE
        WHEN (envelope->>'$.Type') = 'Notification' THEN TRY_CAST(envelope->>'$.Message' AS JSON)
        WHEN starts_with(envelope->>'$."detail-type"', 'Lambda Function Invocation Result')
            THEN envelope->'$.detail'
        ELSE envelope
    END AS destination
    FROM (
        SELECT
            message."queueArn" AS queue_arn,
            message."MessageId" AS message_id,
            message."Body" AS body,
            TRY_CAST(message."Body" AS JSON) AS envelope,
            message."Attributes" AS system,
            message."MessageAttributes" AS attributes,
            rank
        FROM (
            SELECT
                unnest(messages) AS message,
                generate_subscripts(messages, 1) AS rank
            FROM (
                SELECT from_json($messages, '[{"queueArn":"VARCHAR","MessageId":"VARCHAR","Body":"VARCHAR","Attributes":"JSON","MessageAttributes":"JSON"}]') AS messages
            )
        )
    )
    )
));

CREATE OR REPLACE TEMP TABLE fresh_dead_letters AS
SELECT DISTINCT ON (queue_arn, message_id, body_sha256)
    queue_arn, message_id, source, source_queue_arn,
    nullif(function_arn, '') AS function_arn,
    function_of_arn(nullif(function_arn, '')) AS function_name,
    request_id, trace_root, condition, error_code, error_message, attempts_count, sent_us,
    $seen_us AS seen_us,
    strlen(body) AS body_bytes,
    body_sha256,
    natural_keys,
    batch_size_count,
    day_of(coalesce(sent_us, $seen_us)) AS day
FROM (SELECT *, sha256(body) AS body_sha256 FROM parsed_dead_letters) AS new
ANTI JOIN dead_letter_messages AS old
    ON new.message_id = old.message_id
    AND new.body_sha256 = old.body_sha256
    AND new.queue_arn IS NOT DISTINCT FROM old.queue_arn
WHERE is_dead_letter
ORDER BY rank;

INSERT INTO dead_letter_messages BY NAME SELECT * FROM fresh_dead_letters;

SELECT
    (SELECT count(*) FROM fresh_dead_letters) AS kept_count,
    (SELECT min(coalesce(sent_us, seen_us)) FROM fresh_dead_letters) AS touched_us,
    count(*) FILTER (NOT is_dead_letter) AS skipped_count
FROM parsed_dead_letters;
