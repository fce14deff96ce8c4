-- What ended? One row per END or platform.runtimeDone line of this part.
CREATE OR REPLACE TEMP TABLE parsed_ends AS
SELECT
    line_id, log_group, log_stream, logged_us, ingested_us, function_name,
    nullif(request_id, '') AS request_id,
    CAST(NULL AS BIGINT) AS duration_us,
    CAST(NULL AS VARCHAR) AS status,
    CAST(NULL AS VARCHAR) AS error_type,
    CAST(NULL AS VARCHAR) AS trace_root,
    CASE WHEN request_id = '' THEN 'END without a request id' END AS problem
FROM (
    SELECT
        rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
        function_of(log_group, log_stream) AS function_name,
        regexp_extract(message, '^END RequestId:\s*(\S+)', 1) AS request_id
    FROM log_lines
    WHERE kind = 'end'
)
UNION ALL
SELECT
    line_id, log_group, log_stream, logged_us, ingested_us, function_name, request_id,
    duration_us, status, error_type,
    trace_root_of(trace_header) AS trace_root,
    CASE WHEN request_id IS NULL THEN 'platform.runtimeDone without a requestId' END AS problem
FROM platform_lines
WHERE kind = 'runtimeDone' AND problem IS NULL;

INSERT INTO rejected_lines SELECT line_id, problem FROM parsed_ends WHERE problem IS NOT NULL;
