-- What could not be read? One row per rejected line that is not yet known, with its reason.
CREATE OR REPLACE TEMP TABLE rejected_lines AS
SELECT line_id, problem FROM platform_lines WHERE problem <> ''
UNION ALL
SELECT line_id, problem FROM parsed_starts WHERE problem <> ''
UNION ALL
SELECT line_id, problem FROM parsed_reports WHERE problem <> ''
UNION ALL
SELECT line_id, problem FROM parsed_ends WHERE problem <> ''
UNION ALL
SELECT line_id, problem FROM record_lines WHERE problem <> '';

SELECT count(*) AS rejected_count FROM rejected_lines;
