-- How does membership flow down? Causes without a caller found it; all others inherit their
-- caller's shares, times their weight. Parts below 1e-12 are dropped, which ends every cycle.
-- In: moved_causes, moved_invocations, member_rows. Out: flow_chains (a number per chain that is
-- founded or comes from outside), flows, unreached.
CREATE OR REPLACE TEMP TABLE outside_members AS
SELECT c.invocation, m.chain_id, SUM(c.weight * m.share) AS share, m.depth + 1 AS depth
FROM moved_causes AS c
INNER JOIN member_rows AS m
    ON m.request_id = c.outside_request_id AND m.function_name = c.outside_function
    AND m.attempt_number = 1
GROUP BY c.invocation, m.chain_id, m.depth;

CREATE OR REPLACE TEMP TABLE founders AS
SELECT invocation, chain_id, SUM(weight) AS share, 0 AS depth
FROM moved_causes
WHERE caller IS NULL AND outside_request_id IS NULL
GROUP BY invocation, chain_id;

CREATE OR REPLACE TEMP TABLE flow_chains AS
SELECT ROW_NUMBER() OVER () AS flow_chain, chain_id
FROM (SELECT chain_id FROM founders UNION SELECT chain_id FROM outside_members);

CREATE OR REPLACE TEMP TABLE flows AS
WITH RECURSIVE flow AS (
    SELECT f.invocation, c.flow_chain, f.share, f.depth
    FROM (FROM founders UNION ALL FROM outside_members) AS f
    INNER JOIN flow_chains AS c ON c.chain_id = f.chain_id
    UNION ALL
    SELECT c.invocation, f.flow_chain, SUM(c.weight * f.share) AS share, f.depth + 1 AS depth
    FROM flow AS f
    INNER JOIN moved_causes AS c ON c.caller = f.invocation
    WHERE f.share > 1e-12 AND f.depth < 1000
    GROUP BY c.invocation, f.flow_chain, f.depth
)
SELECT invocation, flow_chain, SUM(share) AS share, CAST(MIN(depth) AS INTEGER) AS depth
FROM flow
GROUP BY invocation, flow_chain;

CREATE OR REPLACE TEMP TABLE unreached AS
SELECT invocation FROM moved_invocations ANTI JOIN flows USING (invocation);

DROP TABLE founders;
DROP TABLE outside_members;
