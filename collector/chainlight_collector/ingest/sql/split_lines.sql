-- What is the text of the pieces of records? Run only where record_lines has any.
CREATE OR REPLACE TEMP TABLE split_lines AS
SELECT rowid AS line_id, message
FROM log_lines
WHERE rowid IN (SELECT line_id FROM record_lines WHERE problem IS NULL AND line_part IS NOT NULL);
