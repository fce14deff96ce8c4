-- What could not be read: one row per rejected line or document, with its raw text.
-- source is the log group of a line ('log line' where unknown) or the kind of a document. log_stream,
-- logged_us and ingested_us are kept so that a replay after an upgrade is exact.
-- Natural key: source, log_stream, logged_us, raw_sha256.
CREATE TABLE IF NOT EXISTS reject_rows (
    source VARCHAR,
    reason VARCHAR,
    raw VARCHAR,
    raw_sha256 VARCHAR,
    seen_us BIGINT,
    day DATE,
    log_stream VARCHAR,
    logged_us BIGINT,
    ingested_us BIGINT
);
