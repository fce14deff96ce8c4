-- Keeps the rejected lines of this part that are not yet known. Run only where there are any.
INSERT INTO reject_rows BY NAME
SELECT DISTINCT ON (source, log_stream, logged_us, raw_sha256) new.*
FROM (
    SELECT
        coalesce(line.log_group, 'log line') AS source,
        rejected.problem AS reason,
        line.message AS raw,
        sha256(line.message) AS raw_sha256,
        $seen_us AS seen_us,
        coalesce(day_of(line.logged_us), day_of($seen_us)) AS day,
        line.log_stream AS log_stream,
        line.logged_us AS logged_us,
        line.ingested_us AS ingested_us
    FROM rejected_lines AS rejected
    JOIN log_lines AS line ON line.rowid = rejected.line_id
) AS new
ANTI JOIN reject_rows AS old
    ON new.raw_sha256 = old.raw_sha256
    AND new.source = old.source
    AND new.log_stream IS NOT DISTINCT FROM old.log_stream
    AND new.logged_us IS NOT DISTINCT FROM old.logged_us;
