-- What began? One row per START or platform.start line that is not yet known.
CREATE OR REPLACE TEMP TABLE parsed_starts AS
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
    coalesce(function_of_arn(record."functionArn"), function_name) AS function_name,
    record."functionArn" AS function_arn,
    record.version AS function_version,
    nullif(record."requestId", '') AS request_id,
    header_field(record.tracing."value", 'Root') AS trace_root,
    CASE WHEN coalesce(record."requestId", '') = '' THEN 'platform.start without a requestId' END
FROM platform_lines
WHERE kind = 'start' AND problem IS NULL;

CREATE OR REPLACE TEMP TABLE fresh_starts AS
SELECT DISTINCT ON (log_group, log_stream, request_id, logged_us)
    log_group, log_stream, logged_us, ingested_us, function_name, function_arn, function_version,
    request_id, trace_root, day_of(logged_us) AS day
FROM parsed_starts AS new
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
    AND new.log_group IS NOT DISTINCT FROM old.log_group
WHERE problem IS NULL;

INSERT INTO invocation_starts BY NAME SELECT * FROM fresh_starts;

SELECT count(*) AS kept_count, min(coalesce(logged_us, 0)) AS touched_us FROM fresh_starts;
