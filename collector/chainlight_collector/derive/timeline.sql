-- In which order? Depth first, siblings by start. What only hangs on itself (a cycle of causes)
-- starts a tree of its own. The critical path: from the invocation that ended last up to its entry,
-- and down into the calls that each of them waited for last.
CREATE OR REPLACE TEMP TABLE tree AS
WITH RECURSIVE parents AS (
    SELECT n.node, p.node AS parent
    FROM nodes AS n
    INNER JOIN nodes AS p
        ON p.chain_id = n.chain_id AND p.request_id = n.caller_request_id
        AND p.function_name = n.caller_function AND p.attempts_count > 0
),

walked AS (
    SELECT
        n.node, CAST(NULL AS BIGINT) AS parent, 0 AS depth, n.sort_key AS path,
        n.function_name AS names
    FROM nodes AS n
    ANTI JOIN parents AS p ON p.node = n.node
    UNION ALL
    SELECT
        n.node, p.parent, w.depth + 1, w.path || chr(1) || n.sort_key,
        w.names || CASE n.mode WHEN 'sync' THEN chr(1) || '→ ' ELSE chr(1) || '⇢ ' END
        || COALESCE(n.function_name, 'unknown')
    FROM walked AS w
    INNER JOIN parents AS p ON p.parent = w.node
    INNER JOIN nodes AS n ON n.node = p.node
)
SELECT
    *,
    LEN(LIST_FILTER(
        STRING_SPLIT(names, chr(1)), lambda each: LTRIM(each, '→⇢ ') = last_name
    )) - 1 AS recursion_depth
FROM (
    SELECT *, LTRIM(REGEXP_EXTRACT(names, '([^\x01]*)$', 1), '→⇢ ') AS last_name
    FROM (
        SELECT * FROM walked
        UNION ALL
        SELECT n.node, NULL AS parent, 0 AS depth, n.sort_key AS path, n.function_name AS names
        FROM nodes AS n
        ANTI JOIN walked AS w ON w.node = n.node
    )
);

CREATE OR REPLACE TEMP TABLE critical AS
WITH RECURSIVE last_ends AS (
    SELECT chain_id, MAX_BY(node, (ended_us, sort_key)) AS node
    FROM nodes
    WHERE ended_us IS NOT NULL
    GROUP BY chain_id
),

upward AS (
    SELECT l.node, n.ended_us AS until_us
    FROM last_ends AS l
    INNER JOIN nodes AS n ON n.node = l.node
    UNION ALL
    SELECT t.parent AS node, COALESCE(n.sent_us, n.started_us) AS until_us
    FROM upward AS u
    INNER JOIN tree AS t ON t.node = u.node
    INNER JOIN nodes AS n ON n.node = u.node
    WHERE t.parent IS NOT NULL
),

waited AS (
    SELECT t.node, t.parent, n.started_us, n.ended_us, n.sort_key
    FROM tree AS t
    INNER JOIN nodes AS n ON n.node = t.node
    WHERE n.mode = 'sync' AND n.ended_us IS NOT NULL AND t.parent IS NOT NULL
),

blocking AS (
    SELECT w.*
    FROM waited AS w
    WHERE NOT EXISTS (
        SELECT 1
        FROM waited AS s
        WHERE s.parent = w.parent AND s.node <> w.node AND s.started_us < w.ended_us
            AND (s.ended_us, s.sort_key) > (w.ended_us, w.sort_key)
    )
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
WITH numbered AS (
    SELECT
        t.node,
        t.parent,
        CAST(t.depth AS INTEGER) AS depth,
        CAST(t.recursion_depth AS INTEGER) AS recursion_depth,
        t.way || '#' || CAST(ROW_NUMBER() OVER (
            PARTITION BY n.chain_id, t.way ORDER BY n.sort_key, n.node
        ) AS VARCHAR) AS place,
        CAST(ROW_NUMBER() OVER (
            PARTITION BY n.chain_id ORDER BY t.path, n.node
        ) - 1 AS INTEGER) AS row
    FROM (SELECT *, LEFT(MD5(names), 12) AS way FROM tree) AS t
    INNER JOIN nodes AS n ON n.node = t.node
)

SELECT
    n.chain_id,
    r.row,
    p.row AS parent_row,
    r.depth,
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
    r.recursion_depth,
    r.place
FROM numbered AS r
INNER JOIN nodes AS n ON n.node = r.node
LEFT JOIN numbered AS p ON p.node = r.parent
LEFT JOIN critical AS c ON c.node = n.node
ORDER BY n.chain_id, r.row;
