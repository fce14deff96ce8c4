-- What went wrong outside of a report? One row per timeout, crash or application error line of
-- this part. problem '' marks a JSON line that turned out to be an ordinary one.
CREATE OR REPLACE TEMP TABLE parsed_errors AS
SELECT
    rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
    coalesce(nullif(a.request_id, ''), nullif(b.request_id, '')) AS request_id,
    'timeout' AS kind,
    'Sandbox.Timedout' AS error_type,
    regexp_extract(message, 'Task timed out after [0-9.]+ seconds') AS error_message,
    CAST(NULL AS VARCHAR) AS problem
FROM (
    SELECT *, rowid,
        regexp_extract(message, '^RequestId: (\S+) Error: Task timed out', ['request_id']) AS a,
        regexp_extract(message, '^\S+ (\S+) Task timed out', ['request_id']) AS b
    FROM log_lines
    WHERE kind = 'timeout' OR (kind = 'crash' AND contains(message, ' Error: Task timed out after '))
)
UNION ALL
SELECT
    line_id, log_group, log_stream, logged_us, ingested_us,
    nullif(head.request_id, ''), 'crash' AS kind,
    nullif(regexp_extract(message, '\n([A-Z]\w*\.\w+)\s*$', 1), '') AS error_type,
    head.error_message,
    CASE WHEN head.request_id = '' THEN 'RequestId line without a request id' END AS problem
FROM (
    SELECT
        rowid AS line_id, log_group, log_stream, logged_us, ingested_us, message,
        regexp_extract(
            message, '^RequestId: (\S+) (?:Error: )?([^\n]*)', ['request_id', 'error_message']
        ) AS head
    FROM log_lines
    WHERE kind = 'crash' AND NOT contains(message, ' Error: Task timed out after ')
    UNION ALL
    SELECT
        line_id, log_group, log_stream, logged_us, ingested_us, detail AS message,
        regexp_extract(
            detail, '^RequestId: (\S+) (?:Error: )?([^\n]*)', ['request_id', 'error_message']
        ) AS head
    FROM platform_lines
    WHERE kind = 'fault' AND problem IS NULL AND starts_with(detail, 'RequestId: ')
)
UNION ALL
SELECT
    line_id, log_group, log_stream, logged_us, ingested_us,
    coalesce(nullif(tabbed.request_id, ''), nullif(timed.request_id, '')) AS request_id,
    'application' AS kind,
    coalesce(
        nullif(python.error_type, ''),
        nullif(regexp_extract(body, '"errorType"\s*:\s*"([^"]*)"', 1), ''),
        nullif(dotnet.error_type, ''),
        nullif(java.error_type, ''),
        nullif(java.bare_type, '')
    ) AS error_type,
    coalesce(
        nullif(tabbed.error_message, ''),
        TRY(json_extract_string(
            regexp_extract(body, '"errorMessage"\s*:\s*("(?:[^"\\]|\\.)*")', 1), '$'
        )),
        nullif(dotnet.error_message, ''),
        nullif(timed.error_message, ''),
        nullif(python.error_message, ''),
        nullif(java.error_message, ''),
        nullif(java.bare_message, '')
    ) AS error_message,
    CAST(NULL AS VARCHAR) AS problem
FROM (
    SELECT *, regexp_extract(
        timed.error_message, '^([A-Z]\w*(?:\.\w+)+): ([^\n]*)', ['error_type', 'error_message']
    ) AS dotnet
    FROM (
        SELECT
            rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
            CASE WHEN contains(message, '"errorMessage"') THEN message END AS body,
            regexp_extract(
                message, '^\[ERROR\]\t\S+\t(\S+)\t([^\n]*)', ['request_id', 'error_message']
            ) AS tabbed,
            regexp_extract(
                message, '^\[ERROR\] ([A-Za-z_][\w.]*)(?:: ([^\n]*))?', ['error_type', 'error_message']
            ) AS python,
            regexp_extract(
                message, '^\d{4}-\S+\t(\S+)\t(?:ERROR|FATAL|fail|crit)\t([^\n]*)',
                ['request_id', 'error_message']
            ) AS timed,
            regexp_extract(
                message,
                '^(?:([^\n]*): ([a-z][\w$]*(?:\.[\w$]+)+)|([a-z][\w$]*(?:\.[\w$]+)+)(?:: ([^\n]*))?)\n',
                ['error_message', 'error_type', 'bare_type', 'bare_message']
            ) AS java
        FROM log_lines
        WHERE kind = 'text_error'
    )
)
UNION ALL
SELECT
    line_id, log_group, log_stream, logged_us, ingested_us, request_id,
    'application' AS kind,
    coalesce(
        line."errorType", json_extract_string(line.message, '$.errorType'), line.exception_name
    ) AS error_type,
    coalesce(
        line."errorMessage",
        json_extract_string(line.message, '$.errorMessage'),
        json_extract_string(line.message, '$'),
        json_extract_string(line.msg, '$'),
        json_extract_string(line.event, '$')
    ) AS error_message,
    CASE WHEN line IS NULL OR request_id IS NULL
        OR upper(coalesce(line.level, line.log_level, line.severity, ''))
            NOT IN ('ERROR', 'FATAL', 'CRITICAL') THEN '' END AS problem
FROM (
    SELECT *, coalesce(
        nullif(line."requestId", ''), nullif(line."AWSRequestId", ''),
        nullif(line."awsRequestId", ''), nullif(line.aws_request_id, ''),
        nullif(line.function_request_id, ''), nullif(line.request_id, '')
    ) AS request_id
    FROM (
        SELECT
            rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
            TRY(from_json(message, '{"level":"VARCHAR","log_level":"VARCHAR","severity":"VARCHAR","requestId":"VARCHAR","AWSRequestId":"VARCHAR","awsRequestId":"VARCHAR","aws_request_id":"VARCHAR","function_request_id":"VARCHAR","request_id":"VARCHAR","errorType":"VARCHAR","errorMessage":"VARCHAR","exception_name":"VARCHAR","message":"JSON","msg":"JSON","event":"JSON"}')) AS line
        FROM log_lines
        WHERE kind = 'json_error'
    )
);

INSERT INTO rejected_lines SELECT line_id, problem FROM parsed_errors WHERE problem <> '';
