-- Which records go in? Every line of this part: none is known, twice there, in pieces or rejected.
-- Looking each choice up, as chosen_records.sql does, more than doubles the time that keeping takes.
CREATE OR REPLACE TEMP VIEW fresh_records AS
SELECT * EXCLUDE (line_id, version, part, level, is_final, line_part, parts_count, problem)
FROM record_lines;
