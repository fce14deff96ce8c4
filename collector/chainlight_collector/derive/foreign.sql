-- Whose traces and executions do the facts from `since_us` to before `until_us` speak of? One row
-- per trace, one per execution. An event without a time is among those of the last slice
-- (`has_untimed`).
CREATE OR REPLACE TEMP TABLE touched_traces AS
SELECT DISTINCT trace_id FROM xray_segments
WHERE started_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1;

CREATE OR REPLACE TEMP TABLE touched_executions AS
SELECT execution_arn FROM execution_events
WHERE at_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
    OR (getvariable('has_untimed') AND at_us IS NULL)
UNION
SELECT execution_arn FROM durable_events
WHERE at_us BETWEEN getvariable('since_us') AND getvariable('until_us') - 1
    OR (getvariable('has_untimed') AND at_us IS NULL);

CREATE OR REPLACE TEMP TABLE touched_xray_requests (request_id VARCHAR);

-- When did they begin? Asked of what was read before, whose rows are written anew next, and again of
-- those (horizon.sql).
CREATE OR REPLACE TEMP MACRO foreign_began() AS (
    SELECT MIN(began_us)
    FROM (
        SELECT MIN(started_us) AS began_us FROM xray_node_rows
        WHERE trace_id IN (SELECT trace_id FROM touched_traces)
        UNION ALL
        SELECT MIN(started_us) FROM execution_rows
        WHERE execution_arn IN (SELECT execution_arn FROM touched_executions)
        UNION ALL
        SELECT MIN(scheduled_us) FROM execution_task_rows
        WHERE execution_arn IN (SELECT execution_arn FROM touched_executions)
        UNION ALL
        SELECT MIN(started_us) FROM service_rows
        WHERE request_id IN (SELECT execution_arn FROM touched_executions)
    )
);

SET VARIABLE foreign_from_us = foreign_began();

-- What kind of call a subsegment is, NULL where it starts nothing that is traced here. API Gateway
-- names the service alone.
CREATE OR REPLACE TEMP MACRO xray_kind_of(name, namespace, operation) AS CASE
    WHEN operation IN ('Invoke', 'InvokeAsync') THEN 'lambda'
    WHEN operation IN ('Publish', 'PublishBatch') THEN 'sns'
    WHEN operation IN ('SendMessage', 'SendMessageBatch') THEN 'sqs'
    WHEN operation = 'PutEvents' THEN 'eventbridge'
    WHEN operation IN ('PutRecord', 'PutRecords') THEN 'kinesis'
    WHEN operation IN ('PutObject', 'CopyObject', 'CompleteMultipartUpload') THEN 's3'
    WHEN operation IN (
        'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'
    ) THEN 'dynamodb'
    WHEN operation IN ('StartExecution', 'StartSyncExecution') OR LOWER(name) = 'stepfunctions'
        THEN 'stepfunctions'
    WHEN namespace = 'remote' THEN 'http'
END;
