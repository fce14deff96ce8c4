-- What do the JSON platform lines say? One row per line of kind 'platform'. problem is NULL for a
-- good one, '' for an ordinary line that only mentions such a type, else the reason of a reject.
-- The platform's own time stands in where the event has none. detail is the record as text, for
-- the types that are kept as events.
CREATE OR REPLACE TEMP TABLE platform_lines AS
SELECT
    line_id,
    log_group,
    log_stream,
    coalesce(
        logged_us, us_of_iso(coalesce(envelope."time", envelope."timestamp"))
    ) AS logged_us,
    ingested_us,
    function_of(log_group, log_stream) AS function_name,
    substr(envelope."type", 10) AS kind,
    nullif(r."requestId", '') AS request_id,
    r."functionArn" AS function_arn,
    r.version AS function_version,
    r."initializationType" AS init_type,
    r.phase AS phase,
    r.status AS status,
    r."errorType" AS error_type,
    length_us(r.metrics."durationMs") AS duration_us,
    CAST(whole(r.metrics."billedDurationMs") AS BIGINT) AS billed_ms,
    whole(r.metrics."memorySizeMB") AS memory_mb,
    whole(r.metrics."maxMemoryUsedMB") AS max_memory_used_mb,
    length_us(r.metrics."initDurationMs") AS init_us,
    length_us(r.metrics."restoreDurationMs") AS restore_us,
    CAST(whole(r.metrics."billedRestoreDurationMs") AS BIGINT) AS billed_restore_ms,
    r.tracing."spanId" AS segment_id,
    r.tracing."value" AS trace_header,
    CASE WHEN envelope."type" NOT IN ('platform.start', 'platform.report', 'platform.runtimeDone')
        THEN json_extract_string(message, '$.record') END AS detail,
    CASE
        WHEN envelope IS NULL AND is_canonical THEN 'platform line that is not JSON'
        WHEN envelope IS NULL OR envelope."type" IS NULL
            OR NOT starts_with(envelope."type", 'platform.') THEN ''
        WHEN NOT is_canonical AND len(list_filter(
            json_keys(message), lambda each: each NOT IN ('time', 'timestamp', 'type', 'record')
        )) > 0 THEN 'platform line with keys besides time, type and record'
        WHEN r IS NULL AND coalesce(json_type(message, '$.record'), 'NULL') = 'NULL'
            THEN 'platform line without a record'
    END AS problem
FROM (
    SELECT *, envelope.record AS r
    FROM (
        SELECT
            rowid AS line_id, log_group, log_stream, logged_us, ingested_us, message,
            starts_with(message, '{"time":"')
                AND substr(message, 34, 19) = '","type":"platform.' AS is_canonical,
            TRY(from_json(message, '{"time":"VARCHAR","timestamp":"VARCHAR","type":"VARCHAR","record":{"requestId":"VARCHAR","version":"VARCHAR","functionArn":"VARCHAR","initializationType":"VARCHAR","phase":"VARCHAR","status":"VARCHAR","errorType":"VARCHAR","metrics":{"durationMs":"DOUBLE","billedDurationMs":"DOUBLE","memorySizeMB":"DOUBLE","maxMemoryUsedMB":"DOUBLE","initDurationMs":"DOUBLE","restoreDurationMs":"DOUBLE","billedRestoreDurationMs":"DOUBLE"},"tracing":{"spanId":"VARCHAR","value":"VARCHAR"}}}')) AS envelope
        FROM log_lines
        WHERE kind = 'platform'
    )
);

INSERT INTO rejected_lines SELECT line_id, problem FROM platform_lines WHERE problem <> '';
