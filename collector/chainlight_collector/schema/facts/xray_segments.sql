-- What X-Ray recorded: one row per version of a segment document (also an independent subsegment, or
-- an OpenTelemetry span in X-Ray's words). A segment seen in progress comes again when it is complete.
-- Natural key: trace_id, segment_id, document_sha256. Ids are unique within their trace only.
-- document_format: 'xray' as X-Ray wrote it; 'otel' made of a span. ended_us is NULL while in progress.
CREATE TABLE IF NOT EXISTS xray_segments (
    trace_id VARCHAR,
    segment_id VARCHAR,
    parent_id VARCHAR,
    name VARCHAR,
    origin VARCHAR,
    document_format VARCHAR,
    started_us BIGINT,
    ended_us BIGINT,
    is_in_progress BOOLEAN,
    document VARCHAR,
    document_sha256 VARCHAR,
    seen_us BIGINT,
    day DATE
);
