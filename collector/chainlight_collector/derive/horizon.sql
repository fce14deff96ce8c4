-- How far back may lines of the touched requests lie? A day before the first of what touches them:
-- Lambda tries an asynchronous event again for six hours at most, and an execution takes 15 minutes.
-- A trace or a workflow is touched as a whole, and may have begun long before. Out: lines_since_us, and
-- lines_since() with the lines since then and those without a time (two branches, as in since.sql).
SET VARIABLE lines_since_us = LEAST(
    getvariable('since_us'),
    (SELECT MIN(logged_us) FROM began_last),
    getvariable('foreign_from_us'),
    foreign_began()
) - 86400000000;

SET VARIABLE has_timeless_facts = (
    SELECT EXISTS (SELECT 1 FROM invocation_starts WHERE logged_us IS NULL)
        OR EXISTS (SELECT 1 FROM invocation_reports WHERE logged_us IS NULL)
        OR EXISTS (SELECT 1 FROM invocation_errors WHERE logged_us IS NULL)
        OR EXISTS (SELECT 1 FROM records WHERE logged_us IS NULL)
);

CREATE OR REPLACE TEMP MACRO lines_since(name) AS TABLE
SELECT * FROM query_table(name) WHERE logged_us >= getvariable('lines_since_us')
UNION ALL
SELECT * FROM query_table(name) WHERE getvariable('has_timeless_facts') AND logged_us IS NULL;

DROP TABLE began_last;
