-- Which records came in pieces? None in this part: an empty table of the shape that records.sql reads.
CREATE OR REPLACE TEMP TABLE joined_records AS
SELECT * EXCLUDE (line_id, version, part, level, line_part, parts_count, problem)
FROM record_lines
WHERE false;
