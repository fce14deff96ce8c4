-- What did it cost? One row per REPORT or platform.report line of this part, each once.
-- A plain line, with TABs and nothing rare at its end, is split at them (4 times as fast as one
-- expression with 13 groups); other lines in AWS's order are read by that expression, and any other
-- line is scanned for its labels, in whatever order they stand.
CREATE OR REPLACE TEMP TABLE odd_reports AS
SELECT rowid AS line_id, log_group, log_stream, logged_us, ingested_us, message, regexp_extract(
    message,
    '^REPORT RequestId: (\S+)\tDuration: (\S+) ms\tBilled Duration: (\S+) ms\tMemory Size: (\S+) MB\tMax Memory Used: (\S+) MB\t?(?:Init Duration: (\S+) ms\t?)?(?:Restore Duration: (\S+) ms\tBilled Restore Duration: (\S+) ms\t?)?(?:Status: (\S+)\t?)?(?:Error Type: (\S+)\t?)?\s*(?:XRAY TraceId: (\S+)\tSegmentId: (\S+)(?:\tSampled: (\S+))?)?\s*$',
    ['request_id', 'duration', 'billed', 'memory', 'used', 'init', 'restore', 'billed_restore',
        'status', 'error_type', 'trace_root', 'segment_id', 'sampled']
) AS words
FROM log_lines
WHERE kind = 'report' AND NOT is_plain_report(message);

CREATE OR REPLACE TEMP TABLE parsed_reports AS
WITH worded AS (
    SELECT
        line_id, log_group, log_stream, logged_us, ingested_us,
        substr(cell[1], 19) AS request_id,
        split_part(cell[2], ' ', 2) AS duration,
        split_part(cell[3], ' ', 3) AS billed,
        split_part(cell[4], ' ', 3) AS memory,
        split_part(cell[5], ' ', 4) AS used,
        CAST(NULL AS VARCHAR) AS init,
        CAST(NULL AS VARCHAR) AS restore,
        CAST(NULL AS VARCHAR) AS billed_restore,
        CAST(NULL AS VARCHAR) AS status,
        CAST(NULL AS VARCHAR) AS error_type,
        CAST(NULL AS VARCHAR) AS trace_root,
        CAST(NULL AS VARCHAR) AS segment_id,
        CAST(NULL AS VARCHAR) AS sampled
    FROM (
        SELECT
            rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
            string_split(message, E'\t') AS cell
        FROM log_lines
        WHERE kind = 'report' AND is_plain_report(message)
    )
    UNION ALL
    SELECT line_id, log_group, log_stream, logged_us, ingested_us, words.*
    FROM odd_reports
    WHERE words.request_id <> ''
    UNION ALL
    SELECT
        line_id, log_group, log_stream, logged_us, ingested_us,
        regexp_extract(message, '^REPORT RequestId:\s*(\S*[^\s:])(?:\s|$)', 1),
        value_at(labels, found, 'Duration'),
        value_at(labels, found, 'Billed Duration'),
        value_at(labels, found, 'Memory Size'),
        value_at(labels, found, 'Max Memory Used'),
        value_at(labels, found, 'Init Duration'),
        value_at(labels, found, 'Restore Duration'),
        value_at(labels, found, 'Billed Restore Duration'),
        value_at(labels, found, 'Status'),
        value_at(labels, found, 'Error Type'),
        value_at(labels, found, 'XRAY TraceId'),
        value_at(labels, found, 'SegmentId'),
        value_at(labels, found, 'Sampled')
    FROM (
        SELECT *, labels_of(message) AS labels, values_of(message) AS found
        FROM odd_reports
        WHERE words.request_id = ''
    )
),

json_reports AS (
    SELECT
        rowid AS line_id, log_group, log_stream, logged_us, ingested_us,
        TRY(from_json(message, '{"record":{"requestId":"VARCHAR","status":"VARCHAR","errorType":"VARCHAR","metrics":{"durationMs":"DOUBLE","billedDurationMs":"DOUBLE","memorySizeMB":"DOUBLE","maxMemoryUsedMB":"DOUBLE","initDurationMs":"DOUBLE","restoreDurationMs":"DOUBLE","billedRestoreDurationMs":"DOUBLE"},"tracing":{"spanId":"VARCHAR","value":"VARCHAR"}}}')).record AS record
    FROM log_lines
    WHERE kind = 'json_report'
),

parsed AS (
    SELECT
        * EXCLUDE (read_duration, read_billed),
        CASE
            WHEN request_id IS NULL THEN 'REPORT without a request id'
            WHEN coalesce(duration_us, -1) < 0
                THEN 'REPORT without a numeric Duration: read ' || coalesce(read_duration, 'nothing')
            WHEN coalesce(billed_ms, -1) < 0 THEN
                'REPORT without a numeric Billed Duration: read ' || coalesce(read_billed, 'nothing')
        END AS problem
    FROM (
        SELECT
            line_id, log_group, log_stream, logged_us, ingested_us,
            function_of(log_group, log_stream) AS function_name,
            nullif(request_id, '') AS request_id,
            length_us(duration) AS duration_us,
            CAST(whole(billed) AS BIGINT) AS billed_ms,
            whole(memory) AS memory_mb,
            whole(used) AS max_memory_used_mb,
            length_us(init) AS init_us,
            length_us(restore) AS restore_us,
            CAST(whole(billed_restore) AS BIGINT) AS billed_restore_ms,
            nullif(status, '') AS status,
            nullif(error_type, '') AS error_type,
            nullif(trace_root, '') AS trace_root,
            nullif(segment_id, '') AS segment_id,
            TRY_CAST(nullif(sampled, '') AS BOOLEAN) AS is_sampled,
            duration AS read_duration,
            billed AS read_billed
        FROM worded
    )
    UNION ALL
    SELECT
        * EXCLUDE (is_broken),
        CASE
            WHEN is_broken THEN 'platform line that is not JSON'
            WHEN request_id IS NULL THEN 'platform.report without a requestId'
            WHEN coalesce(duration_us, -1) < 0 THEN 'platform.report without a numeric durationMs'
        END AS problem
    FROM (
        SELECT
            line_id, log_group, log_stream, logged_us, ingested_us,
            function_of(log_group, log_stream) AS function_name,
            nullif(record."requestId", '') AS request_id,
            length_us(record.metrics."durationMs") AS duration_us,
            CAST(whole(record.metrics."billedDurationMs") AS BIGINT) AS billed_ms,
            whole(record.metrics."memorySizeMB") AS memory_mb,
            whole(record.metrics."maxMemoryUsedMB") AS max_memory_used_mb,
            length_us(record.metrics."initDurationMs") AS init_us,
            length_us(record.metrics."restoreDurationMs") AS restore_us,
            CAST(whole(record.metrics."billedRestoreDurationMs") AS BIGINT) AS billed_restore_ms,
            record.status,
            record."errorType" AS error_type,
            trace_root_of(record.tracing."value") AS trace_root,
            record.tracing."spanId" AS segment_id,
            header_field(record.tracing."value", 'Sampled') = '1' AS is_sampled,
            record IS NULL AS is_broken
        FROM json_reports
    )
    UNION ALL
    SELECT
        line_id, log_group, log_stream, logged_us, ingested_us, function_name, request_id,
        duration_us, billed_ms, memory_mb, max_memory_used_mb, init_us, restore_us,
        billed_restore_ms, status, error_type,
        trace_root_of(trace_header) AS trace_root,
        segment_id,
        header_field(trace_header, 'Sampled') = '1' AS is_sampled,
        CASE
            WHEN request_id IS NULL THEN 'platform.report without a requestId'
            WHEN coalesce(duration_us, -1) < 0 THEN 'platform.report without a numeric durationMs'
        END AS problem
    FROM platform_lines
    WHERE kind = 'report' AND problem IS NULL
)

SELECT *,
    CASE WHEN problem IS NULL THEN hash(
        request_id, logged_us, duration_us, billed_ms, init_us, restore_us, log_stream, log_group
    ) END AS key_hash
FROM parsed;

DELETE FROM parsed_reports WHERE rowid IN (
    SELECT place FROM (
        SELECT new.rowid AS place, row_number() OVER (
            PARTITION BY request_id, logged_us, duration_us, billed_ms, init_us, restore_us,
                log_stream, log_group
            ORDER BY line_id
        ) AS choice
        FROM parsed_reports AS new
        SEMI JOIN (
            SELECT key_hash FROM parsed_reports GROUP BY key_hash HAVING count(*) > 1
        ) AS repeated ON new.key_hash = repeated.key_hash
    )
    WHERE choice > 1
);

INSERT INTO rejected_lines SELECT line_id, problem FROM parsed_reports WHERE problem IS NOT NULL;
