-- Which records go in? Every line of this part: none is known, twice there, in pieces or rejected. To
-- look each choice up, as chosen_records.sql does, takes half as long again as keeping the rows.
CREATE OR REPLACE TEMP VIEW fresh_records AS
SELECT * EXCLUDE (line_id, version, part, level, is_final, line_part, parts_count, problem)
FROM record_lines;
