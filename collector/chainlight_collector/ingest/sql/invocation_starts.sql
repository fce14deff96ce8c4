-- What began? One row per START or platform.start line that is not yet known.
CREATE OR REPLACE TEMP TABLE fresh_starts AS
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
        header_field(record.tracing."value", 'Root'),
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
        header_field(trace_header, 'Root') AS trace_root,
        CASE WHEN request_id IS NULL THEN 'platform.start without a requestId' END AS problem
    FROM platform_lines
    WHERE kind = 'start' AND problem IS NULL
) AS new
ANTI JOIN (
    SELECT log_group, log_stream, request_id, logged_us
    FROM invocation_starts
    WHERE logged_us BETWEEN $from_us AND $to_us
    UNION ALL
    SELECT log_group, log_stream, request_id, logged_us
    FROM invocation_starts
    WHERE $has_untimed AND logged_us IS NULL
) AS old
    ON new.request_id = old.request_id
    AND new.logged_us IS NOT DISTINCT FROM old.logged_us
    AND new.log_stream IS NOT DISTINCT FROM old.log_stream
    AND new.log_group IS NOT DISTINCT FROM old.log_group;

DELETE FROM fresh_starts WHERE rowid IN (
    SELECT place FROM (
        SELECT new.rowid AS place, row_number() OVER (
            PARTITION BY request_id, logged_us, log_stream, log_group ORDER BY line_id
        ) AS choice
        FROM fresh_starts AS new
        SEMI JOIN (
            SELECT key_hash FROM fresh_starts GROUP BY key_hash HAVING count(*) > 1
        ) AS repeated ON new.key_hash = repeated.key_hash
    )
    WHERE choice > 1
);

INSERT INTO rejected_lines SELECT line_id, problem FROM fresh_starts WHERE problem IS NOT NULL;

INSERT INTO invocation_starts BY NAME
SELECT * EXCLUDE (line_id, problem, key_hash), day_of(logged_us) AS day
FROM fresh_starts
WHERE problem IS NULL;

SELECT count(*) AS kept_count, min(coalesce(logged_us, 0)) AS touched_us
FROM fresh_starts
WHERE problem IS NULL;
