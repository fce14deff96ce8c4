-- Which messages were handed out again? One row per consumer and message that came under more than one
-- request id: the event source tried again (Lambda's own attempts keep the request id and are in
-- retries). message_id: the outermost envelope's, which is what comes again; of a DynamoDB stream the
-- event's (the layer's second key), because an item that is written twice is no redelivery.
-- wasted_usd: this message's share of all executions but the last, US dollars.
CREATE OR REPLACE VIEW redeliveries AS
WITH given AS (
    SELECT
        function_name, request_id, natural_keys, receive_count, 1.0 / causes_count AS share
    FROM record_causes
    WHERE causes_count > 0
),

delivered AS (
    SELECT
        g.function_name,
        g.natural_keys[CASE i.source_kind WHEN 'dynamodb' THEN 2 ELSE 1 END] AS message_id,
        g.request_id,
        MAX(g.receive_count) AS receive_count,
        MAX(g.share) * i.cost_usd AS cost_usd,
        i.started_us,
        i.is_failed,
        ROW_NUMBER() OVER (
            PARTITION BY g.function_name, message_id ORDER BY i.started_us DESC, g.request_id
        ) AS newest_rank
    FROM given AS g
    INNER JOIN invocations AS i
        ON i.function_name = g.function_name AND i.request_id = g.request_id
    WHERE i.source_kind IN ('sqs', 'kinesis', 'dynamodb', 'msk', 'mq', 'kafka')
    GROUP BY
        g.function_name, message_id, g.request_id, i.cost_usd, i.started_us, i.is_failed
)

SELECT
    function_name,
    message_id,
    COUNT(*) AS deliveries_count,
    MAX(receive_count) AS receive_count,
    MIN_BY(request_id, started_us) AS first_request_id,
    MAX_BY(request_id, started_us) AS last_request_id,
    make_timestamptz(MIN(started_us)) AS first_at,
    make_timestamptz(MAX(started_us)) AS last_at,
    SUM(cost_usd) FILTER (WHERE newest_rank > 1) AS wasted_usd,
    NOT BOOL_OR(is_failed) FILTER (WHERE newest_rank = 1) AS is_recovered
FROM delivered
WHERE message_id IS NOT NULL
GROUP BY function_name, message_id
HAVING COUNT(*) > 1;
