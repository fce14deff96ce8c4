-- What is the text of the rejected lines? Run only where rejected_lines has any.
CREATE OR REPLACE TEMP TABLE rejected_texts AS
SELECT
    coalesce(line.log_group, 'log line') AS source,
    rejected.problem AS reason,
    line.message AS raw,
    sha256(line.message) AS raw_sha256,
    line.log_stream, line.logged_us, line.ingested_us
FROM rejected_lines AS rejected
JOIN log_lines AS line ON line.rowid = rejected.line_id;
