-- Whose chains may have changed? Everything reachable from the affected invocations.
-- In: affected_requests, link_rows, cause_rows, attempt_rows, service_rows, member_rows.
-- Out: moved_runs (their executions, with all that later steps ask of them: the one look at the
-- attempts, because it reads all there are), moved_invocations, moved_causes, and moved_chains, the
-- chains they belonged to; their member_rows are gone. Invocations have numbers from here on:
-- joining and grouping by a number takes a third of the time of a function and a request.
-- What follows from a request began after it did, less an hour for clocks that disagree.
SET VARIABLE followed_from_us = getvariable('affected_from_us') - 3600000000;

CREATE OR REPLACE TEMP TABLE followers AS
WITH RECURSIVE downstream AS (
    SELECT request_id, CAST(NULL AS BIGINT) AS reached_us FROM affected_requests
    UNION
    SELECT l.callee_request_id AS request_id, l.reached_us
    FROM downstream AS d
    INNER JOIN links_since(getvariable('followed_from_us')) AS l
        ON l.caller_request_id = d.request_id
)
FROM downstream;

CREATE OR REPLACE TEMP TABLE moved_requests AS
SELECT DISTINCT request_id FROM followers;

SET VARIABLE moved_from_us = LEAST(
    getvariable('affected_from_us'), (SELECT MIN(reached_us) FROM followers)
);

DROP TABLE followers;

CREATE OR REPLACE TEMP TABLE moved_chains AS
SELECT DISTINCT chain_id FROM since('member_rows', getvariable('moved_from_us'))
WHERE request_id IN (SELECT request_id FROM moved_requests);

DELETE FROM member_rows
WHERE started_us >= getvariable('moved_from_us') AND request_id IN (SELECT request_id FROM moved_requests);
DELETE FROM member_rows
WHERE is_timeless(started_us) AND request_id IN (SELECT request_id FROM moved_requests);

CREATE OR REPLACE TEMP VIEW numbered_runs AS
SELECT
    function_name, request_id, attempt_number, started_us, ended_us, source_kind, outcome,
    has_report OR has_record AS has_ended, 'function' AS node_kind, day, recorded_chain_id,
    trace_root, chain_id, region, arch, memory_mb, init_type, restore_us, billed_ms, paid_idle_us,
    is_cold
FROM attempt_rows
UNION ALL BY NAME
SELECT
    function_name, request_id, CAST(1 AS INTEGER) AS attempt_number, started_us, ended_us,
    kind AS source_kind, outcome, ended_us IS NOT NULL AS has_ended, kind AS node_kind, day,
    trace_root
FROM service_rows;

CREATE OR REPLACE TEMP TABLE moved_runs AS
SELECT ROW_NUMBER() OVER () AS invocation, *
FROM since('numbered_runs', getvariable('moved_from_us'))
WHERE attempt_number = 1 AND request_id IN (SELECT request_id FROM moved_requests);

INSERT INTO moved_runs
SELECT f.invocation, r.*
FROM (
    FROM since('numbered_runs', getvariable('moved_from_us'))
    WHERE attempt_number > 1 AND request_id IN (SELECT request_id FROM moved_requests)
) AS r
INNER JOIN moved_runs AS f
    ON f.request_id = r.request_id AND f.function_name = r.function_name;

-- One row per moved invocation, with the chain it would found if nobody had caused it: its record's,
-- else the X-Ray root of its platform lines, else one made of its start and its key.
CREATE OR REPLACE TEMP TABLE moved_invocations AS
WITH again AS (
    SELECT
        invocation,
        MIN_BY(recorded_chain_id, attempt_number) AS recorded_chain_id,
        MIN_BY(trace_root, attempt_number) AS trace_root
    FROM moved_runs
    WHERE invocation IN (SELECT invocation FROM moved_runs WHERE attempt_number > 1)
    GROUP BY invocation
)

SELECT
    r.invocation,
    r.function_name,
    r.request_id,
    COALESCE(
        r.recorded_chain_id,
        a.recorded_chain_id,
        r.trace_root,
        a.trace_root,
        '1-' || LOWER(LPAD(TO_HEX(COALESCE(r.started_us, 0) // 1000000), 8, '0'))
        || '-' || LOWER(LEFT(MD5(r.function_name || ' ' || r.request_id), 24))
    ) AS own_chain_id
FROM moved_runs AS r
LEFT JOIN again AS a ON a.invocation = r.invocation
WHERE r.attempt_number = 1;

-- A caller that has not moved has no number: outside_function and outside_request_id name it.
CREATE OR REPLACE TEMP TABLE moved_causes AS
WITH told AS MATERIALIZED (
    SELECT
        i.invocation,
        c.weight,
        COALESCE(c.chain_id, i.own_chain_id) AS chain_id,
        c.caller_function,
        CASE
            WHEN c.call_id IS NOT NULL AND c.caller_request_id <> c.request_id
                THEN c.caller_request_id
        END AS caller_request_id
    FROM since('cause_rows', getvariable('moved_from_us')) AS c
    INNER JOIN moved_invocations AS i
        ON i.request_id = c.request_id AND i.function_name = c.function_name
),

inside AS MATERIALIZED (
    SELECT t.*, w.invocation AS caller
    FROM told AS t
    LEFT JOIN moved_invocations AS w
        ON w.request_id = t.caller_request_id AND w.function_name = t.caller_function
)

SELECT
    i.invocation, i.weight, i.chain_id, i.caller, w.function_name AS outside_function,
    w.request_id AS outside_request_id
FROM inside AS i
LEFT JOIN (
    SELECT DISTINCT function_name, request_id
    FROM numbered_runs
    WHERE request_id IN (SELECT caller_request_id FROM inside WHERE caller IS NULL)
) AS w
    ON w.request_id = CASE WHEN i.caller IS NULL THEN i.caller_request_id END
    AND w.function_name = i.caller_function;
