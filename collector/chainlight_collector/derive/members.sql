-- Which chains does each moved attempt belong to? Shares are made to add up to 1 exactly; the
-- attempt's own chain_id is its own where it is a member there, else the chain with most of it.
CREATE OR REPLACE TEMP TABLE moved_members AS
SELECT
    function_name,
    request_id,
    chain_id,
    share / SUM(share) OVER (PARTITION BY function_name, request_id) AS share,
    CAST(depth AS INTEGER) AS depth
FROM flows;

INSERT INTO member_rows BY NAME
SELECT m.*, a.attempt_number, a.node_kind, a.day, a.started_us
FROM moved_members AS m
INNER JOIN node_rows AS a
    ON a.request_id = m.request_id AND a.function_name = m.function_name
ORDER BY m.chain_id, a.started_us;

UPDATE attempt_rows SET chain_id = settled.chain_id
FROM (
    SELECT
        i.function_name,
        i.request_id,
        COALESCE(
            MAX(m.chain_id) FILTER (WHERE m.chain_id = i.own_chain_id),
            MAX_BY(m.chain_id, (ROUND(m.share, 9), m.chain_id))
        ) AS chain_id
    FROM moved_invocations AS i
    INNER JOIN moved_members AS m
        ON m.request_id = i.request_id AND m.function_name = i.function_name
    GROUP BY i.function_name, i.request_id
) AS settled
WHERE attempt_rows.request_id = settled.request_id
    AND attempt_rows.function_name = settled.function_name
    AND attempt_rows.chain_id IS DISTINCT FROM settled.chain_id;

INSERT INTO moved_chains
SELECT DISTINCT chain_id FROM moved_members
EXCEPT
SELECT chain_id FROM moved_chains;

DROP TABLE flows;
DROP TABLE unreached;
DROP TABLE moved_causes;
DROP TABLE moved_members;
DROP TABLE moved_invocations;
