-- Which lines of a file are no document of the kind read? The files
-- hold valid UTF-8 (a JSON string stands for a line that is no object); a line is unreadable where it has nothing at the JSON path.
CREATE OR REPLACE TEMP TABLE unreadable_lines AS
SELECT
    CASE WHEN starts_with(line, '"') THEN coalesce(TRY(json_extract_string(line, '$')), line)
        ELSE line END AS line
FROM (SELECT unnest(string_split(content, chr(10))) AS line FROM read_text($files))
WHERE trim(line, E' \t\r') <> '' AND TRY(json_extract_string(line, $path)) IS NULL;
