-- Which records came in pieces? None in this part: an empty table of the shape that records.sql reads.
CREATE OR REPLACE TEMP TABLE joined_records AS
SELECT log_group, log_stream, logged_us, ingested_us, r, r.causes AS causes, r.calls AS calls
FROM record_lines
WHERE false;
