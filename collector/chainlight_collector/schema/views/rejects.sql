-- What could not be read? One row per rejected line or document.
CREATE OR REPLACE VIEW rejects AS
SELECT source, reason, raw, make_timestamptz(seen_us) AS seen_at, raw_sha256, day
FROM reject_rows;
