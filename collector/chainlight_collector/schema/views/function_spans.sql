-- From when to when has each function been seen? One row per function and day; epoch microseconds.
CREATE OR REPLACE VIEW function_spans AS
SELECT function_name, day, MIN(first_us) AS started_us, MAX(last_us) AS ended_us
FROM function_day_rows
GROUP BY function_name, day;
