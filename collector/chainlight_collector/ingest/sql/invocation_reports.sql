-- What did it cost? One row per REPORT or platform.report line that is not yet known.
CREATE OR REPLACE TEMP TABLE parsed_reports AS
SELECT
    line_id, log_group, log_stream, logged_us, ingested_us, function_name, request_id,
    length_us(value_at(labels, words, 'Duration')) AS duration_us,
    CAST(whole(value_at(labels, words, 'Billed Duration')) AS BIGINT) AS billed_ms,
    whole(value_at(labels, words, 'Memory Size')) AS memory_mb,
    whole(value_at(labels, words, 'Max Memory Used')) AS max_memory_used_mb,
    length_us(value_at(labels, words, 'Init Duration')) AS init_us,
    length_us(value_at(labels, words, 'Restore Duration')) AS restore_us,
    CAST(whole(value_at(labels, words, 'Billed Restore Duration')) AS BIGINT) AS billed_restore_ms,
    value_at(labels, words, 'Status') AS status,
    value_at(labels, words, 'Error Type') AS error_type,
    value_at(labels, words, 'XRAY TraceId') AS trace_root,
    value_at(labels, words, 'SegmentId') AS segment_id,
    TRY_CAST(value_at(labels, words, 'Sampled') AS BOOLEAN) AS is_sampled,
    CASE
        WHEN request_id IS NULL THEN 'REPORT without a request id'
        WHEN duration_us IS NULL THEN 'REPORT without a numeric Duration: read '
            || coalesce(value_at(labels, words, 'Duration'), 'nothing')
        WHEN billed_ms IS NULL THEN 'REPORT without a numeric Billed Duration: read '
            || coalesce(value_at(labels, words, 'Billed Duration'), 'nothing')
    END AS problem
FROM (
    SELECT
        rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
        function_of(log_group, log_stream) AS function_name,
        nullif(regexp_extract(message, '^REPORT RequestId:\s*(\S*[^\s:])(?:\s|$)', 1), '') AS request_id,
        labels_of(message) AS labels,
        values_of(message) AS words
    FROM log_lines
    WHERE kind = 'report'
)
UNION ALL
SELECT
    line_id, log_group, log_stream, logged_us, ingested_us, function_name,
    nullif(record."requestId", '') AS request_id,
    length_us(record.metrics."durationMs") AS duration_us,
    CAST(whole(record.metrics."billedDurationMs") AS BIGINT) AS billed_ms,
    whole(record.metrics."memorySizeMB") AS memory_mb,
    whole(record.metrics."maxMemoryUsedMB") AS max_memory_used_mb,
    length_us(record.metrics."initDurationMs") AS init_us,
    length_us(record.metrics."restoreDurationMs") AS restore_us,
    CAST(whole(record.metrics."billedRestoreDurationMs") AS BIGINT) AS billed_restore_ms,
    record.status AS status,
    record."errorType" AS error_type,
    header_field(record.tracing."value", 'Root') AS trace_root,
    record.tracing."spanId" AS segment_id,
    header_field(record.tracing."value", 'Sampled') = '1' AS is_sampled,
    CASE
        WHEN coalesce(record."requestId", '') = '' THEN 'platform.report without a requestId'
        WHEN duration_us IS NULL THEN 'platform.report without a numeric durationMs'
    END AS problem
FROM platform_lines
WHERE kind = 'report' AND problem IS NULL;

CREATE OR REPLACE TEMP TABLE fresh_reports AS
SELECT DISTINCT ON (
    log_group, log_stream, request_id, logged_us, duration_us, billed_ms, init_us, restore_us
)
    log_group, log_stream, logged_us, ingested_us, function_name, request_id, duration_us,
    billed_ms, memory_mb, max_memory_used_mb, init_us, restore_us, billed_restore_ms, status,
    error_type, trace_root, segment_id, is_sampled, day_of(logged_us) AS day, false AS is_end
FROM parsed_reports AS new
ANTI JOIN (
    SELECT log_group, log_stream, request_id, logged_us, duration_us, billed_ms, init_us, restore_us
    FROM invocation_reports
    WHERE NOT is_end AND logged_us BETWEEN $from_us AND $to_us
    UNION ALL
    SELECT log_group, log_stream, request_id, logged_us, duration_us, billed_ms, init_us, restore_us
    FROM invocation_reports
    WHERE NOT is_end AND $has_untimed AND logged_us IS NULL
) AS old
    ON new.request_id = old.request_id
    AND new.logged_us IS NOT DISTINCT FROM old.logged_us
    AND new.duration_us IS NOT DISTINCT FROM old.duration_us
    AND new.billed_ms IS NOT DISTINCT FROM old.billed_ms
    AND new.init_us IS NOT DISTINCT FROM old.init_us
    AND new.restore_us IS NOT DISTINCT FROM old.restore_us
    AND new.log_stream IS NOT DISTINCT FROM old.log_stream
    AND new.log_group IS NOT DISTINCT FROM old.log_group
WHERE problem IS NULL;

INSERT INTO invocation_reports BY NAME SELECT * FROM fresh_reports;

SELECT count(*) AS kept_count, min(coalesce(logged_us, 0)) AS touched_us FROM fresh_reports;
