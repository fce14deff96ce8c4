-- What are the same executions called by OpenTelemetry's ClickHouse exporter, for dashboards that exist
-- already? One row per attempt and one per outgoing call; Timestamp to the microsecond, Duration in
-- nanoseconds. Attempts are SERVER or CONSUMER spans, calls CLIENT or PRODUCER spans below them.
CREATE OR REPLACE VIEW otel_traces AS
WITH chosen AS (
    SELECT
        callee_function, callee_request_id, MIN_BY(call_id, (sent_us, call_id)) AS call_id
    FROM link_rows
    WHERE is_callee_seen
    GROUP BY callee_function, callee_request_id
),

named AS (
    SELECT
        *,
        LEFT(MD5(CONCAT_WS(' ', function_name, request_id, CAST(attempt_number AS VARCHAR))), 16)
            AS span_id
    FROM attempt_rows
)

SELECT
    make_timestamptz(a.started_us) AS "Timestamp",
    REPLACE(REGEXP_REPLACE(a.chain_id, '^1-', ''), '-', '') AS "TraceId",
    a.span_id AS "SpanId",
    COALESCE(l.call_id, '') AS "ParentSpanId",
    '' AS "TraceState",
    a.function_name AS "SpanName",
    CASE WHEN a.source_kind IN ('sqs', 'sns', 'kinesis', 'dynamodb', 'eventbridge', 's3')
        THEN 'SPAN_KIND_CONSUMER' ELSE 'SPAN_KIND_SERVER' END AS "SpanKind",
    a.function_name AS "ServiceName",
    MAP {
        'cloud.provider': 'aws', 'cloud.region': COALESCE(a.region, ''),
        'cloud.account.id': COALESCE(a.account_id, ''),
        'cloud.resource_id': COALESCE(a.function_arn, ''), 'faas.name': a.function_name
    } AS "ResourceAttributes",
    'chainlight' AS "ScopeName",
    '' AS "ScopeVersion",
    MAP {
        'faas.invocation_id': a.request_id, 'faas.coldstart': CAST(COALESCE(a.is_cold, FALSE) AS VARCHAR),
        'chainlight.attempt_number': CAST(a.attempt_number AS VARCHAR),
        'chainlight.chain_id': COALESCE(a.chain_id, ''),
        'error.type': COALESCE(a.error_type, '')
    } AS "SpanAttributes",
    a.duration_us * 1000 AS "Duration",
    CASE
        WHEN a.outcome = 'ok' THEN 'STATUS_CODE_OK'
        WHEN a.outcome = 'unknown' THEN 'STATUS_CODE_UNSET'
        ELSE 'STATUS_CODE_ERROR'
    END AS "StatusCode",
    COALESCE(a.error_type, '') AS "StatusMessage"
FROM named AS a
LEFT JOIN chosen AS l
    ON l.callee_request_id = a.request_id AND l.callee_function = a.function_name
UNION ALL
SELECT
    make_timestamptz(c.started_us) AS "Timestamp",
    REPLACE(REGEXP_REPLACE(a.chain_id, '^1-', ''), '-', '') AS "TraceId",
    c.call_id AS "SpanId",
    a.span_id AS "ParentSpanId",
    '' AS "TraceState",
    c.kind || ' ' || COALESCE(c.target_name, '') AS "SpanName",
    CASE WHEN c.mode = 'sync' THEN 'SPAN_KIND_CLIENT' ELSE 'SPAN_KIND_PRODUCER' END AS "SpanKind",
    c.caller_function AS "ServiceName",
    MAP {
        'cloud.provider': 'aws', 'cloud.region': COALESCE(a.region, ''),
        'cloud.account.id': COALESCE(a.account_id, ''),
        'cloud.resource_id': COALESCE(a.function_arn, ''), 'faas.name': c.caller_function
    } AS "ResourceAttributes",
    'chainlight' AS "ScopeName",
    '' AS "ScopeVersion",
    MAP {
        'rpc.service': c.kind, 'rpc.method': COALESCE(c.operation, ''),
        'chainlight.tries_count': CAST(c.tries_count AS VARCHAR),
        'chainlight.chain_id': COALESCE(a.chain_id, ''),
        'error.type': COALESCE(c.error_type, '')
    } AS "SpanAttributes",
    c.wait_us * 1000 AS "Duration",
    CASE WHEN c.outcome = 'ok' THEN 'STATUS_CODE_OK' ELSE 'STATUS_CODE_ERROR' END AS "StatusCode",
    COALESCE(c.error_type, '') AS "StatusMessage"
FROM call_rows AS c
INNER JOIN named AS a
    ON a.request_id = c.caller_request_id AND a.function_name = c.caller_function
    AND a.attempt_number = c.caller_attempt_number;
