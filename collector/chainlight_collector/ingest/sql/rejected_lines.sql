-- Which lines of this part cannot be read? Starts empty; each file that reads lines adds its own.
CREATE OR REPLACE TEMP TABLE rejected_lines (line_id BIGINT, problem VARCHAR);
