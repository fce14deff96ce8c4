-- What could not be read: one row per rejected line or document, with its raw text.
-- Natural key: source, raw_sha256. Replayed after an upgrade.
CREATE TABLE IF NOT EXISTS reject_rows (
    source VARCHAR,
    reason VARCHAR,
    raw VARCHAR,
    raw_sha256 VARCHAR,
    seen_us BIGINT,
    day DATE
);
