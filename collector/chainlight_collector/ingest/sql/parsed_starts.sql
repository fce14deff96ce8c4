-- What began? One row per START or platform.start line of this part, each once.
CREATE OR REPLACE TEMP TABLE parsed_starts AS
SELECT *,
    CASE WHEN problem IS NULL THEN hash(request_id, logged_us, log_stream, log_group) END AS key_hash
FROM (
    SELECT
        line_id, log_group, log_stream, logged_us, ingested_us, function_name,
        CAST(NULL AS VARCHAR) AS function_arn,
        nullif(head.function_version, '') AS function_version,
        nullif(head.request_id, '') AS request_id,
        CAST(NULL AS VARCHAR) AS trace_root,
        CASE WHEN head.request_id = '' THEN 'START without a request id' END AS problem
    FROM (
        SELECT
            rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
            function_of(log_group, log_stream) AS function_name,
            regexp_extract(
                message, '^START RequestId:\s*(\S+)(?:\s+Version:\s*(\S+))?',
                ['request_id', 'function_version']
            ) AS head
        FROM log_lines
        WHERE kind = 'start'
    )
    UNION ALL
    SELECT
        line_id, log_group, log_stream, logged_us, ingested_us,
        coalesce(function_of_arn(record."functionArn"), function_of(log_group, log_stream)),
        record."functionArn",
        record.version,
        nullif(record."requestId", ''),
        trace_root_of(record.tracing."value"),
        CASE
            WHEN envelope IS NULL THEN 'platform line that is not JSON'
            WHEN coalesce(record."requestId", '') = '' THEN 'platform.start without a requestId'
        END
    FROM (
        SELECT *, envelope.record AS record
        FROM (
            SELECT
                rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
                TRY(from_json(message, '{"record":{"requestId":"VARCHAR","version":"VARCHAR","functionArn":"VARCHAR","tracing":{"value":"VARCHAR"}}}')) AS envelope
            FROM log_lines
            WHERE kind = 'json_start'
        )
    )
    UNION ALL
    SELECT
        line_id, log_group, log_stream, logged_us, ingested_us,
        coalesce(function_of_arn(function_arn), function_name) AS function_name,
        function_arn, function_version, request_id,
        trace_root_of(trace_header) AS trace_root,
        CASE WHEN request_id IS NULL THEN 'platform.start without a requestId' END AS problem
    FROM platform_lines
    WHERE kind = 'start' AND problem IS NULL
);

DELETE FROM parsed_starts WHERE rowid IN (
    SELECT place FROM (
        SELECT new.rowid AS place, row_number() OVER (
            PARTITION BY request_id, logged_us, log_stream, log_group ORDER BY line_id
        ) AS choice
        FROM parsed_starts AS new
        SEMI JOIN (
            SELECT key_hash FROM parsed_starts GROUP BY key_hash HAVING count(*) > 1
        ) AS repeated ON new.key_hash = repeated.key_hash
    )
    WHERE choice > 1
);

INSERT INTO rejected_lines SELECT line_id, problem FROM parsed_starts WHERE problem IS NOT NULL;
