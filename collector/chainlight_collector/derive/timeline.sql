-- In which order? Depth first, siblings by start. What only hangs on itself (a cycle of causes)
-- starts a tree of its own. The critical path: from the invocation that ended last up to its entry,
-- and down into the calls that each of them waited for last.
-- In: nodes, drawn_chains. Out: ways (a number per path of names), tree, drawn, timeline_rows.
CREATE OR REPLACE TEMP TABLE walked AS
WITH RECURSIVE parents AS (
    SELECT
        n.node, p.node AS parent, LPAD(TO_HEX(n.node), 8, '0') AS place,
        CASE n.mode WHEN 'sync' THEN chr(1) || '→ ' ELSE chr(1) || '⇢ ' END
        || COALESCE(n.function_name, 'unknown') AS name
    FROM nodes AS n
    INNER JOIN nodes AS p ON p.member = n.parent_member
),

reached AS (
    SELECT
        n.node, CAST(NULL AS BIGINT) AS parent, CAST(0 AS INTEGER) AS depth,
        LPAD(TO_HEX(n.node), 8, '0') AS path, n.function_name AS names
    FROM nodes AS n
    ANTI JOIN parents AS p ON p.node = n.node
    UNION ALL
    SELECT p.node, p.parent, w.depth + 1, w.path || p.place, w.names || p.name
    FROM reached AS w
    INNER JOIN parents AS p ON p.parent = w.node
)
SELECT * FROM reached;

INSERT INTO walked BY NAME
SELECT
    n.node, CAST(0 AS INTEGER) AS depth, LPAD(TO_HEX(n.node), 8, '0') AS path,
    n.function_name AS names
FROM nodes AS n
ANTI JOIN walked AS w ON w.node = n.node;

-- Chains of one shape share their paths: what is read out of a path's text is read once.
CREATE OR REPLACE TEMP TABLE ways AS
SELECT
    ROW_NUMBER() OVER (ORDER BY names) AS way,
    *,
    LEFT(MD5(names), 12) AS way_id,
    CAST(LEN(LIST_FILTER(
        STRING_SPLIT(names, chr(1)), lambda each: LTRIM(each, '→⇢ ') = last_name
    )) - 1 AS INTEGER) AS recursion_depth
FROM (
    SELECT names, LTRIM(REGEXP_EXTRACT(names, '([^\x01]*)$', 1), '→⇢ ') AS last_name
    FROM (SELECT DISTINCT names FROM walked)
);

-- A chain's nodes are numbered in one go and stand together in the order of paths: less the number
-- of its first node, the place among all is the row in the chain.
CREATE OR REPLACE TEMP TABLE tree AS
SELECT
    n.chain,
    w.node,
    w.parent,
    w.depth,
    y.way,
    CAST(
        ROW_NUMBER() OVER (ORDER BY w.path, w.node) - f.first_node AS INTEGER
    ) AS row,
    n.sent_us,
    n.started_us,
    n.ended_us,
    n.mode = 'sync' AND n.ended_us IS NOT NULL AND w.parent IS NOT NULL AS is_waited
FROM walked AS w
INNER JOIN nodes AS n ON n.node = w.node
INNER JOIN (SELECT chain, MIN(node) AS first_node FROM nodes GROUP BY chain) AS f
    ON f.chain = n.chain
LEFT JOIN ways AS y ON y.names IS NOT DISTINCT FROM w.names;

CREATE OR REPLACE TEMP TABLE critical AS
WITH RECURSIVE last_ends AS (
    SELECT t.chain, MAX(t.node) AS node, ANY_VALUE(l.ended_us) AS until_us
    FROM tree AS t
    INNER JOIN (SELECT chain, MAX(ended_us) AS ended_us FROM tree GROUP BY chain) AS l
        ON l.chain = t.chain AND l.ended_us = t.ended_us
    GROUP BY t.chain
),

upward AS (
    SELECT node, until_us FROM last_ends
    UNION ALL
    SELECT t.parent AS node, COALESCE(t.sent_us, t.started_us) AS until_us
    FROM upward AS u
    INNER JOIN tree AS t ON t.node = u.node
    WHERE t.parent IS NOT NULL
),

-- Of siblings that were waited for: those after which none ended that had begun before their end.
blocking AS (
    SELECT parent, node, started_us, ended_us
    FROM (
        SELECT
            *,
            MIN(started_us) OVER (
                PARTITION BY parent ORDER BY ended_us DESC, node DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS later_started_us
        FROM tree
        WHERE is_waited
    )
    WHERE COALESCE(later_started_us >= ended_us, TRUE)
),

downward AS (
    SELECT node, until_us FROM upward
    UNION ALL
    SELECT b.node, b.ended_us AS until_us
    FROM downward AS d
    INNER JOIN blocking AS b ON b.parent = d.node AND b.started_us < d.until_us
)
SELECT DISTINCT node FROM downward;

DELETE FROM timeline_rows WHERE chain_id IN (SELECT chain_id FROM moved_chains);
INSERT INTO timeline_rows BY NAME
WITH several AS (
    SELECT node, ROW_NUMBER() OVER (PARTITION BY chain, way ORDER BY node) AS number
    FROM tree
    SEMI JOIN (SELECT chain, way FROM tree GROUP BY chain, way HAVING COUNT(*) > 1) AS s
        ON s.chain = tree.chain AND s.way = tree.way
)

SELECT
    h.chain_id,
    t.row,
    p.row AS parent_row,
    t.depth,
    n.function_name,
    n.request_id,
    n.call_id,
    n.edge_kind,
    n.sent_us,
    n.started_us,
    n.ended_us,
    n.attempts_count,
    n.status,
    n.node_kind,
    n.orphaned_us,
    c.node IS NOT NULL AS is_on_critical_path,
    n.day,
    y.recursion_depth,
    y.way_id || '#' || CAST(COALESCE(s.number, 1) AS VARCHAR) AS place
FROM tree AS t
INNER JOIN nodes AS n ON n.node = t.node
INNER JOIN drawn_chains AS h ON h.chain = t.chain
INNER JOIN ways AS y ON y.way = t.way
LEFT JOIN tree AS p ON p.node = t.parent
LEFT JOIN several AS s ON s.node = t.node
LEFT JOIN critical AS c ON c.node = t.node
ORDER BY t.chain, t.row;

DROP TABLE walked;
DROP TABLE critical;
