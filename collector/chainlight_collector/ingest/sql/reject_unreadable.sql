-- Which lines of a file are no document of the kind read? Keeps those that are not yet known. The
-- files hold valid UTF-8 (a JSON string stands for a line that is no object); a line is unreadable where it has nothing at the JSON path.
CREATE OR REPLACE TEMP TABLE unreadable_lines AS
SELECT
    CASE WHEN starts_with(line, '"') THEN coalesce(TRY(json_extract_string(line, '$')), line)
        ELSE line END AS line
FROM (SELECT unnest(string_split(content, chr(10))) AS line FROM read_text($files))
WHERE trim(line, E' \t\r') <> '' AND TRY(json_extract_string(line, $path)) IS NULL;

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
