-- Which chains does each moved attempt belong to? Shares are made to add up to 1 exactly; the
-- attempt's own chain_id is its own where it is a member there, else the chain with most of it.
-- In: flows, flow_chains, moved_runs, moved_invocations, moved_chains, member_rows.
-- Out: member_rows, chain_id of attempt_rows; for what is drawn of the chains that moved, drawn_chains
-- (a number per chain) and drawn_runs (one row per chain and execution, moved or not).
CREATE OR REPLACE TEMP TABLE moved_members AS
WITH several AS (SELECT invocation FROM flows GROUP BY invocation HAVING COUNT(*) > 1)

SELECT invocation, flow_chain, CAST(1.0 AS DOUBLE) AS share, depth
FROM flows
ANTI JOIN several USING (invocation)
UNION ALL
SELECT invocation, flow_chain, share / SUM(share) OVER (PARTITION BY invocation) AS share, depth
FROM flows
SEMI JOIN several USING (invocation);

CREATE OR REPLACE TEMP TABLE drawn_chains AS
SELECT ROW_NUMBER() OVER (ORDER BY chain_id) AS chain, chain_id, f.flow_chain
FROM moved_chains
FULL JOIN (
    SELECT flow_chain, chain_id
    FROM flow_chains
    WHERE flow_chain IN (SELECT flow_chain FROM moved_members)
) AS f USING (chain_id);

CREATE OR REPLACE TEMP TABLE drawn_runs AS
SELECT c.chain, m.share, m.depth, r.* EXCLUDE (invocation, recorded_chain_id, trace_root, chain_id)
FROM moved_members AS m
INNER JOIN moved_runs AS r ON r.invocation = m.invocation
INNER JOIN drawn_chains AS c ON c.flow_chain = m.flow_chain;

CREATE OR REPLACE TEMP TABLE unmoved_members AS
SELECT
    c.chain, m.share, m.depth, m.function_name, m.request_id, m.attempt_number, m.started_us
FROM member_rows AS m
INNER JOIN drawn_chains AS c ON c.chain_id = m.chain_id;

-- What is drawn began no earlier than drawn_from_us: moved or not, their members have their starts.
SET VARIABLE drawn_from_us = LEAST(
    getvariable('moved_from_us'), (SELECT MIN(started_us) FROM unmoved_members)
);

INSERT INTO member_rows BY NAME
SELECT
    c.chain_id, r.function_name, r.request_id, r.attempt_number, r.node_kind, r.share, r.depth,
    r.day, r.started_us
FROM drawn_runs AS r
INNER JOIN drawn_chains AS c ON c.chain = r.chain
ORDER BY r.chain, r.started_us;

INSERT INTO drawn_runs BY NAME
SELECT
    m.* EXCLUDE (started_us),
    r.* EXCLUDE (
        function_name, request_id, attempt_number, recorded_chain_id, trace_root, chain_id
    )
FROM unmoved_members AS m
INNER JOIN (
    FROM since('numbered_runs', getvariable('drawn_from_us'))
    WHERE request_id IN (SELECT request_id FROM unmoved_members)
) AS r
    ON r.request_id = m.request_id AND r.function_name = m.function_name
    AND r.attempt_number = m.attempt_number;

-- Attempts are written with the chain that their lines name: nearly always it stays.
CREATE OR REPLACE TEMP TABLE settled AS
WITH several AS (SELECT invocation FROM moved_members GROUP BY invocation HAVING COUNT(*) > 1),

chosen AS (
    SELECT m.invocation, c.chain_id
    FROM moved_members AS m
    INNER JOIN flow_chains AS c ON c.flow_chain = m.flow_chain
    ANTI JOIN several AS s ON s.invocation = m.invocation
    UNION ALL
    SELECT
        m.invocation,
        COALESCE(
            MAX(c.chain_id) FILTER (WHERE c.chain_id = i.own_chain_id),
            MAX_BY(c.chain_id, (ROUND(m.share, 9), c.chain_id))
        ) AS chain_id
    FROM moved_members AS m
    SEMI JOIN several AS s ON s.invocation = m.invocation
    INNER JOIN flow_chains AS c ON c.flow_chain = m.flow_chain
    INNER JOIN moved_invocations AS i ON i.invocation = m.invocation
    GROUP BY m.invocation
)

SELECT DISTINCT r.function_name, r.request_id, c.chain_id
FROM moved_runs AS r
LEFT JOIN chosen AS c ON c.invocation = r.invocation
WHERE r.node_kind = 'function' AND r.chain_id IS DISTINCT FROM c.chain_id;

UPDATE attempt_rows SET chain_id = settled.chain_id
FROM settled
WHERE attempt_rows.started_us >= getvariable('moved_from_us')
    AND attempt_rows.request_id = settled.request_id
    AND attempt_rows.function_name = settled.function_name;
UPDATE attempt_rows SET chain_id = settled.chain_id
FROM settled
WHERE is_timeless(attempt_rows.started_us)
    AND attempt_rows.request_id = settled.request_id
    AND attempt_rows.function_name = settled.function_name;

INSERT INTO moved_chains
SELECT chain_id FROM drawn_chains
ANTI JOIN moved_chains USING (chain_id);

DROP VIEW numbered_runs;
DROP TABLE flows;
DROP TABLE flow_chains;
DROP TABLE unreached;
DROP TABLE unmoved_members;
DROP TABLE moved_causes;
DROP TABLE moved_members;
DROP TABLE moved_invocations;
DROP TABLE moved_runs;
DROP TABLE settled;
