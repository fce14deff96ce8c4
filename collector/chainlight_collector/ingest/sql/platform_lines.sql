-- What do the JSON platform lines say? One row per line of kind 'platform'. problem is NULL for a
-- good one, '' for an ordinary line that only mentions such a type, else the reason of a reject.
-- The platform's own time stands in where the event has none.
CREATE OR REPLACE TEMP TABLE platform_lines AS
SELECT
    line_id,
    log_group,
    log_stream,
    coalesce(logged_us, us_of_iso(envelope."time")) AS logged_us,
    ingested_us,
    function_of(log_group, log_stream) AS function_name,
    envelope."type"[10:] AS kind,
    envelope.record AS record,
    CASE WHEN envelope."type" NOT IN ('platform.start', 'platform.report', 'platform.runtimeDone')
        THEN json_extract_string(message, '$.record') END AS detail,
    CASE
        WHEN envelope IS NULL AND is_canonical THEN 'platform line that is not JSON'
        WHEN envelope IS NULL OR envelope."type" IS NULL
            OR NOT starts_with(envelope."type", 'platform.') THEN ''
        WHEN NOT is_canonical AND len(list_filter(
            json_keys(message), lambda each: each NOT IN ('time', 'type', 'record')
        )) > 0 THEN 'platform line with keys besides time, type and record'
        WHEN envelope.record IS NULL AND coalesce(json_type(message, '$.record'), 'NULL') = 'NULL'
            THEN 'platform line without a record'
    END AS problem
FROM (
    SELECT
        rowid AS line_id, log_group, log_stream, logged_us, ingested_us, message,
        regexp_matches(message, '^\{"time":"[^"]*","type":"platform\.') AS is_canonical,
        TRY(from_json(message, '{"time":"VARCHAR","type":"VARCHAR","record":{"requestId":"VARCHAR","version":"VARCHAR","functionArn":"VARCHAR","initializationType":"VARCHAR","phase":"VARCHAR","status":"VARCHAR","errorType":"VARCHAR","metrics":{"durationMs":"DOUBLE","billedDurationMs":"DOUBLE","memorySizeMB":"DOUBLE","maxMemoryUsedMB":"DOUBLE","initDurationMs":"DOUBLE","restoreDurationMs":"DOUBLE","billedRestoreDurationMs":"DOUBLE"},"tracing":{"spanId":"VARCHAR","value":"VARCHAR"}}}')) AS envelope
    FROM log_lines
    WHERE kind = 'platform'
);
