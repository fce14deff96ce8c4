-- What has to be drawn? One row per invocation of a moved chain, and per direct call of one whose
-- callee was never seen. Each hangs below its earliest cause within the chain.
-- In: drawn_runs, link_rows, call_rows, attempt_rows. Out: nodes.

-- One row per chain and invocation; only those that ran again need their executions put together.
CREATE OR REPLACE TEMP TABLE drawn_members AS
WITH again AS (
    SELECT
        chain,
        function_name,
        request_id,
        MIN(started_us) AS started_us,
        MAX(ended_us) AS ended_us,
        CAST(COUNT(*) AS INTEGER) AS attempts_count,
        MAX_BY(has_ended, attempt_number) AS has_ended,
        MAX_BY(outcome, attempt_number) AS outcome,
        MAX(source_kind) AS source_kind,
        MIN(node_kind) AS node_kind,
        MIN(day) AS day
    FROM drawn_runs
    SEMI JOIN (SELECT request_id FROM drawn_runs WHERE attempt_number > 1) USING (request_id)
    GROUP BY chain, function_name, request_id
),

once AS (
    SELECT
        chain, function_name, request_id, started_us, ended_us, 1 AS attempts_count, has_ended,
        outcome, source_kind, node_kind, day
    FROM drawn_runs
    ANTI JOIN (SELECT request_id FROM drawn_runs WHERE attempt_number > 1) USING (request_id)
)

SELECT ROW_NUMBER() OVER () AS member, * FROM (FROM once UNION ALL BY NAME FROM again);

-- Callees first: left to itself, DuckDB pairs all members of a chain before it looks at the links.
CREATE OR REPLACE TEMP TABLE drawn_links AS
WITH below AS MATERIALIZED (
    SELECT
        m.member,
        m.chain,
        l.caller_function,
        l.caller_request_id,
        l.caller_attempt_number,
        l.call_id,
        CASE WHEN l.kind = 'lambda' THEN l.mode ELSE l.kind END AS edge_kind,
        l.mode,
        l.sent_us,
        l.mode = 'sync' AND NOT l.is_answered AS is_unanswered
    FROM links_since(getvariable('drawn_from_us')) AS l
    INNER JOIN drawn_members AS m
        ON m.request_id = l.callee_request_id AND m.function_name = l.callee_function
    WHERE l.is_callee_seen AND l.caller_request_id <> l.callee_request_id
),

found AS (
    SELECT l.*, u.member AS parent_member
    FROM below AS l
    INNER JOIN drawn_members AS u
        ON u.request_id = l.caller_request_id AND u.function_name = l.caller_function
        AND u.chain = l.chain
),

several AS (SELECT member FROM found GROUP BY member HAVING COUNT(*) > 1),

chosen AS (
    SELECT *, 1 AS choice FROM found ANTI JOIN several USING (member)
    UNION ALL
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY member ORDER BY sent_us NULLS LAST, call_id) AS choice
    FROM found
    SEMI JOIN several USING (member)
)

SELECT l.*, a.ended_us AS caller_ended_us
FROM chosen AS l
LEFT JOIN (
    SELECT function_name, request_id, attempt_number, ended_us
    FROM since('attempt_rows', getvariable('drawn_from_us'))
    WHERE request_id IN (SELECT caller_request_id FROM chosen WHERE is_unanswered)
) AS a
    ON a.request_id = CASE WHEN l.is_unanswered THEN l.caller_request_id END
    AND a.function_name = l.caller_function AND a.attempt_number = l.caller_attempt_number
WHERE l.choice = 1;

-- They sent nothing before they began, less an hour for clocks that disagree.
SET VARIABLE drawn_sent_from_us = getvariable('drawn_from_us') - 3600000000;

-- Numbered by chain, and in a chain in the order of siblings: apart, because sorting whole rows took
-- twice as long.
CREATE OR REPLACE TEMP TABLE drawn_rows AS
WITH seen AS (
    SELECT
        m.chain,
        m.member,
        l.parent_member,
        m.function_name,
        m.request_id,
        l.call_id,
        COALESCE(l.edge_kind, m.source_kind, 'unknown') AS edge_kind,
        l.mode,
        l.sent_us,
        m.started_us,
        m.ended_us,
        m.attempts_count,
        CASE WHEN m.has_ended OR m.outcome <> 'unknown' THEN m.outcome ELSE 'running' END AS status,
        m.node_kind,
        CASE WHEN l.caller_ended_us < m.ended_us THEN l.caller_ended_us END AS orphaned_us,
        m.day
    FROM drawn_members AS m
    LEFT JOIN drawn_links AS l ON l.member = m.member
),

unseen AS (
    SELECT *
    FROM since('call_rows', getvariable('drawn_sent_from_us')) AS c
    ANTI JOIN (
        SELECT call_id
        FROM links_since(getvariable('drawn_sent_from_us'))
        WHERE is_callee_seen AND caller_request_id IN (SELECT request_id FROM drawn_members)
    ) AS l ON l.call_id = c.call_id
    WHERE c.kind = 'lambda'
        AND c.caller_request_id IN (SELECT request_id FROM drawn_members)
        AND (c.outcome IN ('throttled', 'open', 'timeout') OR COALESCE(c.status_code, 200) < 300)
),

missing AS (
    SELECT
        m.chain,
        m.member AS parent_member,
        c.target_name AS function_name,
        c.natural_keys[1] AS request_id,
        c.call_id,
        c.mode AS edge_kind,
        c.mode,
        c.started_us AS sent_us,
        0 AS attempts_count,
        CASE c.outcome WHEN 'throttled' THEN 'throttled' ELSE 'missing' END AS status,
        c.day
    FROM unseen AS c
    INNER JOIN drawn_members AS m
        ON m.request_id = c.caller_request_id AND m.function_name = c.caller_function
)

SELECT ROW_NUMBER() OVER () AS drawn_row, *
FROM (SELECT * FROM seen UNION ALL BY NAME SELECT * FROM missing);

CREATE OR REPLACE TEMP TABLE nodes AS
WITH numbered AS (
    SELECT drawn_row, ROW_NUMBER() OVER (
        ORDER BY
            chain, COALESCE(started_us, sent_us, 0),
            COALESCE(request_id, '') || COALESCE(call_id, '') || COALESCE(function_name, '')
    ) AS node
    FROM drawn_rows
)

SELECT * EXCLUDE (drawn_row)
FROM drawn_rows
INNER JOIN numbered USING (drawn_row);

DROP TABLE drawn_rows;
DROP TABLE drawn_members;
DROP TABLE drawn_links;
