-- Which records go in? One row per choice of records.sql: a whole line, or one made of pieces.
CREATE OR REPLACE TEMP VIEW fresh_records AS
SELECT * EXCLUDE (line_id, version, part, level, is_final, line_part, parts_count, problem)
FROM record_lines
SEMI JOIN (SELECT place FROM fresh_choices WHERE choice_rank IN (1, 3)) AS chosen
    ON line_id = place
UNION ALL BY NAME
SELECT * EXCLUDE (is_final)
FROM joined_records
SEMI JOIN (SELECT place FROM fresh_choices WHERE choice_rank IN (0, 2)) AS chosen
    ON joined_records.rowid = place;
