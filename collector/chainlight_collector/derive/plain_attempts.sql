-- What do the lines say of the requests that ran once and need no counting? One row per touched
-- request that is not in counted_requests, of the shape of joined_lines (attempts.sql). All its
-- lines are near the slice, so that the others are not read. A view, read once by numbered.sql: writing
-- these rows down between took as long as joining them.
CREATE OR REPLACE TEMP VIEW plain_lines AS
SELECT
    s.request_id,
    s.log_group,
    s.log_stream,
    1 AS starts_count,
    0 AS execution_index,
    COALESCE(GREATEST(s.function_name, r.function_name, p.function_name), '(unknown)')
        AS function_name,
    GREATEST(s.function_arn, r.function_arn) AS function_arn,
    GREATEST(s.function_version, r.function_version) AS function_version,
    r.account_id,
    r.region,
    r.chain_id AS recorded_chain_id,
    GREATEST(s.trace_root, r.trace_root, p.trace_root) AS trace_root,
    r.started_us AS record_started_us,
    r.ended_us AS record_ended_us,
    s.logged_us AS start_us,
    p.logged_us AS report_us,
    p.duration_us,
    p.billed_ms,
    COALESCE(p.memory_mb, r.memory_mb) AS memory_mb,
    p.max_memory_used_mb,
    p.init_us,
    p.restore_us,
    CASE WHEN p.request_id IS NOT NULL THEN COALESCE(p.billed_restore_ms, 0) END
        AS billed_restore_ms,
    r.init_type,
    r.is_cold,
    r.arch,
    p.status AS report_status,
    p.error_type AS report_error_type,
    r.outcome AS record_outcome,
    CASE WHEN r.ended_us IS NOT NULL THEN r.error_type END AS record_error_type,
    r.source_kind,
    r.source_arn,
    r.causes_count,
    r.other_waits,
    r.overhead_us,
    r.sample_rate,
    TRUE AS has_start,
    r.request_id IS NOT NULL AS has_record,
    p.request_id IS NOT NULL AND NOT COALESCE(p.is_end, p.billed_ms IS NULL) AS has_report
FROM (
    FROM invocation_starts
    WHERE request_id IN (SELECT request_id FROM touched_requests)
        AND logged_us BETWEEN getvariable('lines_from_us') AND getvariable('lines_until_us')
) AS s
ANTI JOIN counted_requests AS c ON c.request_id = s.request_id
LEFT JOIN (
    FROM records
    WHERE logged_us BETWEEN getvariable('lines_from_us') AND getvariable('lines_until_us')
) AS r ON r.request_id = s.request_id
LEFT JOIN (
    FROM invocation_reports
    WHERE logged_us BETWEEN getvariable('lines_from_us') AND getvariable('lines_until_us')
) AS p ON p.request_id = s.request_id;
