-- Which lines belong to one execution? One row per execution of the requests
-- that need it (counted_requests.sql).
-- Lines of a request are paired by the running count of START in their log stream (storage.md 2.4:
-- 0 wrong of 250,885). Before the first START, or without any, each REPORT closes an execution and
-- each record is one. Times are whole milliseconds: in that of the next START, a line that tells of a
-- millisecond or more belongs to the execution before, where that one has no such line yet.
CREATE OR REPLACE TEMP TABLE log_lines AS
SELECT
    'start' AS line, 0 AS line_order, request_id, log_group, log_stream, logged_us,
    function_name, function_arn, function_version, trace_root
FROM counted_lines('invocation_starts')
WHERE request_id IN (SELECT request_id FROM counted_requests)
UNION ALL BY NAME
SELECT
    'error' AS line, 1 AS line_order, request_id, log_group, log_stream, logged_us,
    function_name, kind AS error_kind, error_type AS error_line_type
FROM counted_lines('invocation_errors')
WHERE request_id IN (SELECT request_id FROM counted_requests)
UNION ALL BY NAME
SELECT *, 1 AS line_order FROM lost_lines
WHERE request_id IN (SELECT request_id FROM counted_requests)
UNION ALL BY NAME
SELECT
    'record' AS line, 2 AS line_order, request_id, log_group, log_stream,
    COALESCE(logged_us, ended_us) AS logged_us,
    function_name, function_arn, function_version, trace_root,
    account_id, region, arch, init_type, is_cold, chain_id AS recorded_chain_id,
    memory_mb AS record_memory_mb, started_us AS record_started_us, ended_us AS record_ended_us,
    outcome AS record_outcome, error_type AS record_error_type, source_kind, source_arn,
    causes_count, other_waits, overhead_us, sample_rate
FROM counted_lines('records')
WHERE request_id IN (SELECT request_id FROM counted_requests)
UNION ALL BY NAME
SELECT
    'report' AS line, 3 AS line_order, request_id, log_group, log_stream, logged_us,
    function_name, trace_root, duration_us, billed_ms, memory_mb, max_memory_used_mb, init_us,
    restore_us, COALESCE(billed_restore_ms, 0) AS billed_restore_ms,
    NOT COALESCE(is_end, billed_ms IS NULL) AS is_report, status AS report_status, error_type AS report_error_type
FROM counted_lines('invocation_reports')
WHERE request_id IN (SELECT request_id FROM counted_requests);

CREATE OR REPLACE TEMP TABLE paired_lines AS
WITH repeated AS (SELECT request_id FROM counted_requests WHERE is_repeated),

placed AS (
    SELECT *, 0 AS place FROM log_lines ANTI JOIN repeated USING (request_id)
    UNION ALL
    SELECT
        *,
        CASE
            WHEN is_report AND duration_us >= 1000
                AND COUNT(*) FILTER (WHERE line = 'start') OVER before
                > COUNT(*) FILTER (WHERE is_report) OVER before THEN -1
            WHEN line = 'record' AND record_ended_us - record_started_us >= 1000
                AND COUNT(*) FILTER (WHERE line = 'start') OVER before
                > COUNT(*) FILTER (WHERE line = 'record') OVER before THEN -2
            ELSE 0
        END AS place
    FROM log_lines
    SEMI JOIN repeated USING (request_id)
    WINDOW before AS (
        PARTITION BY request_id, log_group, log_stream
        ORDER BY logged_us RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),

counted AS (
    SELECT
        * EXCLUDE (place),
        COUNT(*) FILTER (WHERE line = 'start') OVER so_far AS starts_count,
        COUNT(*) FILTER (WHERE is_report) OVER so_far AS reports_count,
        COUNT(*) FILTER (WHERE line = 'record') OVER so_far AS records_count
    FROM placed
    WINDOW so_far AS (
        PARTITION BY request_id, log_group, log_stream
        ORDER BY
            logged_us NULLS LAST, place, line_order, record_started_us, billed_ms NULLS FIRST,
            duration_us, init_us, restore_us
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
)
SELECT
    *,
    CASE
        WHEN starts_count > 0 THEN 0
        WHEN is_report THEN reports_count - 1
        WHEN line = 'report' THEN reports_count
        WHEN line = 'record' THEN records_count - 1
        ELSE GREATEST(reports_count - 1, 0)
    END AS execution_index
FROM counted;

CREATE OR REPLACE TEMP TABLE joined_lines AS
SELECT
    request_id,
    log_group,
    log_stream,
    starts_count,
    execution_index,
    COALESCE(MAX(function_name), '(unknown)') AS function_name,
    MAX(function_arn) AS function_arn,
    MAX(function_version) AS function_version,
    MAX(account_id) AS account_id,
    MAX(region) AS region,
    MAX(recorded_chain_id) AS recorded_chain_id,
    MAX(trace_root) AS trace_root,
    MIN(record_started_us) AS record_started_us,
    MAX(record_ended_us) AS record_ended_us,
    MIN(logged_us) FILTER (WHERE line = 'start') AS start_us,
    MAX(logged_us) FILTER (WHERE line = 'report') AS report_us,
    MAX(logged_us) FILTER (WHERE line = 'error') AS error_us,
    MAX(duration_us) AS duration_us,
    MAX(billed_ms) AS billed_ms,
    COALESCE(MAX(memory_mb), MAX(record_memory_mb)) AS memory_mb,
    MAX(max_memory_used_mb) AS max_memory_used_mb,
    MAX(init_us) AS init_us,
    MAX(restore_us) AS restore_us,
    MAX(billed_restore_ms) AS billed_restore_ms,
    MAX(init_type) AS init_type,
    BOOL_OR(is_cold OR line = 'init') AS is_cold,
    MAX(arch) AS arch,
    MAX(report_status) AS report_status,
    MAX(report_error_type) AS report_error_type,
    BOOL_OR(error_kind = 'timeout') AS has_timeout_line,
    BOOL_OR(error_kind = 'crash') AS has_crash_line,
    BOOL_OR(error_kind = 'application' AND error_line_type IS NOT NULL) AS has_error_line,
    MAX(error_line_type) AS error_line_type,
    MAX_BY(record_outcome, (record_outcome <> 'timeout', record_ended_us)) AS record_outcome,
    MAX_BY(record_error_type, record_ended_us) AS record_error_type,
    MAX(source_kind) AS source_kind,
    MAX(source_arn) AS source_arn,
    MAX(causes_count) AS causes_count,
    MAX(other_waits) AS other_waits,
    MAX(overhead_us) AS overhead_us,
    MAX(sample_rate) AS sample_rate,
    BOOL_OR(line = 'start') AS has_start,
    BOOL_OR(line = 'record') AS has_record,
    COALESCE(BOOL_OR(is_report), FALSE) AS has_report
FROM paired_lines
GROUP BY request_id, log_group, log_stream, starts_count, execution_index;

DROP TABLE lost_lines;
DROP TABLE log_lines;
DROP TABLE paired_lines;
