-- Keeps the rejected lines of this part that are not yet known. Run only where there are any.
INSERT INTO reject_rows BY NAME
SELECT DISTINCT ON (source, log_stream, logged_us, raw_sha256)
    new.*,
    $seen_us AS seen_us,
    coalesce(day_of(logged_us), day_of($seen_us)) AS day
FROM rejected_texts AS new
ANTI JOIN reject_rows AS old
    ON new.raw_sha256 = old.raw_sha256
    AND new.source = old.source
    AND new.log_stream IS NOT DISTINCT FROM old.log_stream
    AND new.logged_us IS NOT DISTINCT FROM old.logged_us;
