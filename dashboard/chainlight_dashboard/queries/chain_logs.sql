-- What did the logs say of this chain, in order? One row per platform line and error that was kept,
-- merged over all its functions. logged_us is what CloudWatch dated it.
-- columns: logged_us, function_name, request_id, kind, text, log_group, log_stream
WITH members AS (
    SELECT DISTINCT function_name, request_id FROM chain_members WHERE chain_id = $chain_id
), lines AS (
    SELECT logged_us, function_name, request_id, 'start' AS kind, 'START' AS text, log_group, log_stream
    FROM invocation_starts
    UNION ALL
    SELECT
        logged_us, function_name, request_id, 'report',
        concat_ws(
            ' · ', 'REPORT', 'duration ' || (duration_us / 1000.0) || ' ms',
            'billed ' || billed_ms || ' ms', 'memory ' || max_memory_used_mb || ' of ' || memory_mb || ' MB',
            'init ' || (init_us / 1000.0) || ' ms', status, error_type
        ),
        log_group, log_stream
    FROM invocation_reports
    UNION ALL
    SELECT
        logged_us, function_name, request_id, kind, concat_ws(': ', error_type, error_message),
        log_group, log_stream
    FROM invocation_errors
    UNION ALL
    SELECT
        logged_us, function_name, request_id, 'record',
        concat_ws(
            ' · ', 'record of the layer', outcome, error_type, calls_count || ' calls',
            'by ' || source_kind, nullif(annotations, '{}')
        ),
        log_group, log_stream
    FROM records
)
SELECT
    lines.logged_us, members.function_name, lines.request_id, lines.kind, lines.text,
    lines.log_group, lines.log_stream
FROM lines
JOIN members ON members.request_id = lines.request_id AND members.function_name = lines.function_name
ORDER BY lines.logged_us, members.function_name, lines.kind
LIMIT 5000
