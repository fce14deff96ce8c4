-- Rows since an instant, and those without one, whose time may be any. Two conditions in two branches:
-- DuckDB 1.5.5 skips what lies outside of one comparison, and reads all for `x >= y OR x IS NULL`
-- (1.5 million attempts: 2 ms and 60). Without a bound each step would look through whole tables.
-- Whether there are rows without a time is asked once: a branch that is false is not read either.
SET VARIABLE has_timeless = (
    SELECT EXISTS (SELECT 1 FROM attempt_rows WHERE started_us IS NULL)
        OR EXISTS (SELECT 1 FROM service_rows WHERE started_us IS NULL)
        OR EXISTS (SELECT 1 FROM call_rows WHERE started_us IS NULL)
);

CREATE OR REPLACE TEMP MACRO is_timeless(at_us) AS
getvariable('has_timeless') AND at_us IS NULL;

CREATE OR REPLACE TEMP MACRO since(name, from_us) AS TABLE
SELECT * FROM query_table(name) WHERE started_us >= from_us
UNION ALL
SELECT * FROM query_table(name) WHERE is_timeless(started_us);

-- By when what they reached began, which is after their caller did.
CREATE OR REPLACE TEMP MACRO links_since(from_us) AS TABLE
SELECT * FROM link_rows WHERE reached_us >= from_us
UNION ALL
SELECT * FROM link_rows WHERE is_timeless(reached_us);
