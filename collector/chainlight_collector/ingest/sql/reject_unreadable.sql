-- Keeps the unreadable lines of this part that are not yet known. Run only where there are any.
INSERT INTO reject_rows BY NAME
SELECT DISTINCT ON (raw_sha256) new.*
FROM (
    SELECT
        'file' AS source, $reason AS reason, line AS raw, sha256(line) AS raw_sha256,
        $seen_us AS seen_us, day_of($seen_us) AS day
    FROM unreadable_lines
) AS new
ANTI JOIN reject_rows AS old
    ON new.raw_sha256 = old.raw_sha256 AND old.source = 'file';
