-- In which order did an invocation's executions run, when, and how did each end? One row per
-- execution of the touched requests; the waits are added by waits.sql.
-- Billed Duration contains Init where |billed - ceil(duration + init)| <= 1 (aws-facts.md 0.5).
CREATE OR REPLACE TEMP TABLE new_attempts AS
WITH ordered AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY function_name, request_id
            ORDER BY
                COALESCE(record_started_us, start_us, report_us - duration_us, error_us)
                    NULLS LAST,
                log_group, log_stream, starts_count, execution_index
        ) AS attempt_number
    FROM joined_lines
    UNION ALL BY NAME
    SELECT *, 1 AS attempt_number FROM plain_lines
),

timed AS (
    SELECT
        *,
        COALESCE(record_started_us, start_us, report_us - duration_us, error_us) AS started_us,
        COALESCE(duration_us, record_ended_us - record_started_us) AS known_duration_us,
        COALESCE(report_error_type, record_error_type, error_line_type) AS known_error_type,
        COALESCE(init_us, 0) > 0 AND ABS(
            billed_ms - CEIL((duration_us + init_us) / 1000.0) - billed_restore_ms
        ) <= 1 AS is_init_billed
    FROM ordered
)

SELECT
    function_name,
    request_id,
    CAST(attempt_number AS INTEGER) AS attempt_number,
    function_arn,
    function_version,
    COALESCE(account_id, NULLIF(SPLIT_PART(function_arn, ':', 5), '')) AS account_id,
    COALESCE(region, NULLIF(SPLIT_PART(function_arn, ':', 4), '')) AS region,
    recorded_chain_id,
    trace_root,
    started_us,
    COALESCE(
        started_us + known_duration_us, GREATEST(error_us, started_us)
    ) AS ended_us,
    known_duration_us AS duration_us,
    billed_ms,
    memory_mb,
    max_memory_used_mb,
    init_us,
    restore_us,
    is_init_billed,
    init_type,
    CASE
        WHEN is_cold OR init_us IS NOT NULL OR restore_us IS NOT NULL THEN TRUE
        WHEN has_record OR has_report THEN FALSE
    END AS is_cold,
    arch,
    CASE
        WHEN report_status = 'timeout' OR has_timeout_line
            OR known_error_type = 'Sandbox.Timedout' THEN 'timeout'
        WHEN report_status = 'failure' OR has_crash_line
            OR report_error_type IN (
                'Runtime.ExitError', 'Runtime.OutOfMemory', 'Runtime.Unknown',
                'Runtime.InvalidEntrypoint', 'Runtime.ImportModuleError', 'Extension.Crash',
                'Sandbox.Failure'
            ) THEN 'crash'
        WHEN report_status = 'error' THEN 'error'
        WHEN record_outcome = 'exit' THEN 'crash'
        WHEN record_outcome IN ('ok', 'error', 'timeout') THEN record_outcome
        WHEN report_status = 'success' THEN 'ok'
        WHEN has_error_line THEN 'error'
        ELSE 'unknown'
    END AS outcome,
    known_error_type AS error_type,
    source_kind,
    source_arn,
    causes_count,
    has_start,
    has_record,
    has_report,
    overhead_us,
    sample_rate,
    log_group,
    log_stream,
    other_waits,
    CAST(NULL AS VARCHAR) AS xray_owner,
    FALSE AS has_sdk_segments,
    LEAST(
        started_us + known_duration_us,
        started_us + billed_ms * 1000 - CASE WHEN is_init_billed THEN init_us ELSE 0 END
    ) AS billed_end_us,
    CAST(make_timestamp(started_us) AS DATE) AS day
FROM timed;

DROP VIEW plain_lines;
DROP TABLE joined_lines;
DROP TABLE counted_requests;
