-- Frees the lines of a part once they are taken apart.
DROP TABLE IF EXISTS log_lines;
DROP TABLE IF EXISTS platform_lines;
DROP TABLE IF EXISTS odd_reports;
DROP TABLE IF EXISTS rejected_lines;
