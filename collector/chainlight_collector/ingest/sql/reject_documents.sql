-- Which whole documents could not be read? Keeps those that are not yet known, with the reason.
CREATE OR REPLACE TEMP TABLE fresh_documents AS
SELECT DISTINCT ON (raw_sha256) new.*
FROM (
    SELECT
        $source AS source, reason, raw, sha256(raw) AS raw_sha256,
        $seen_us AS seen_us, day_of($seen_us) AS day
    FROM (
        SELECT unnest(CAST($reasons AS VARCHAR[])) AS reason, unnest(CAST($raws AS VARCHAR[])) AS raw
    )
) AS new
ANTI JOIN reject_rows AS old
    ON new.raw_sha256 = old.raw_sha256 AND old.source = new.source;

INSERT INTO reject_rows BY NAME SELECT * FROM fresh_documents;

SELECT count(*) AS kept_count FROM fresh_documents;
