-- What was each moved chain? Its shape is the path in words: → waits, ⇢ does not, × n repeats;
-- branches in the order of their names, so that races between them do not make new shapes.
-- In: drawn_chains, drawn_runs, nodes, ways, tree. Out: chain_rows, chain_bill_rows.
CREATE OR REPLACE TEMP TABLE bills AS
WITH known AS (
    SELECT chain, day, region, arch, init_type, started_us, request_id
    FROM drawn_runs
    WHERE node_kind = 'function' AND region IS NOT NULL AND arch IS NOT NULL AND day IS NOT NULL
),

firsts AS (
    SELECT
        k.chain,
        MIN_BY(k.day, k.request_id) AS day,
        MIN_BY(k.region, k.request_id) AS region,
        MIN_BY(k.arch, k.request_id) AS arch
    FROM known AS k
    INNER JOIN (SELECT chain, MIN(started_us) AS started_us FROM known GROUP BY chain) AS f
        ON f.chain = k.chain AND f.started_us = k.started_us
    GROUP BY k.chain
),

init_types AS (
    SELECT chain, MIN_BY(init_type, (started_us, request_id)) AS init_type
    FROM known
    WHERE init_type IS NOT NULL
    GROUP BY chain
)

SELECT
    r.chain,
    r.share,
    r.function_name,
    r.region,
    r.arch,
    r.memory_mb,
    r.init_type,
    r.restore_us > 0 AS is_restored,
    r.billed_ms,
    r.paid_idle_us,
    r.day,
    COALESCE(r.day = f.day AND r.region = f.region AND r.arch = f.arch
        AND COALESCE(r.init_type, '') = COALESCE(i.init_type, '')
        AND r.memory_mb IS NOT NULL AND NOT COALESCE(r.restore_us > 0, FALSE), FALSE) AS is_own
FROM drawn_runs AS r
LEFT JOIN firsts AS f ON f.chain = r.chain
LEFT JOIN init_types AS i ON i.chain = r.chain
WHERE r.node_kind = 'function';

DELETE FROM chain_bill_rows WHERE chain_id IN (SELECT chain_id FROM moved_chains);
INSERT INTO chain_bill_rows BY NAME
SELECT
    c.chain_id,
    b.function_name,
    b.region,
    b.arch,
    b.memory_mb,
    b.init_type,
    SUM(b.share * b.billed_ms / 1000.0) AS billed_s,
    SUM(b.share * b.paid_idle_us / 1000000.0) AS idle_s,
    SUM(b.share) FILTER (WHERE b.billed_ms IS NOT NULL) AS requests_count,
    SUM(b.share) FILTER (WHERE b.is_restored) AS restores_count,
    b.day
FROM bills AS b
INNER JOIN drawn_chains AS c ON c.chain = b.chain
WHERE NOT b.is_own
GROUP BY c.chain_id, b.function_name, b.region, b.arch, b.memory_mb, b.init_type, b.day
ORDER BY c.chain_id;

DELETE FROM chain_rows WHERE chain_id IN (SELECT chain_id FROM moved_chains);
INSERT INTO chain_rows BY NAME
WITH repeats AS (
    SELECT chain, way, COUNT(*) AS repeats_count FROM tree GROUP BY chain, way
),

-- A path's words with its count, once for all chains in which it repeats as often.
words AS (
    SELECT
        c.way,
        c.repeats_count,
        y.names || ' ' || CAST(c.repeats_count AS VARCHAR) AS counted,
        CASE
            WHEN CONTAINS(y.names, chr(1)) THEN REGEXP_EXTRACT(y.names, '([^\x01]*)$', 1)
            ELSE '· ' || y.names
        END
        || CASE
            WHEN c.repeats_count > 1 THEN ' × ' || CAST(c.repeats_count AS VARCHAR) ELSE ''
        END AS word
    FROM (SELECT DISTINCT way, repeats_count FROM repeats) AS c
    INNER JOIN ways AS y ON y.way = c.way
    WHERE y.names IS NOT NULL
),

-- Paths are numbered by their names: their order is that of the numbers.
branches AS (
    SELECT chain, LIST_SORT(LIST({'way': way, 'repeats_count': repeats_count})) AS found
    FROM repeats
    GROUP BY chain
),

-- A list stands beside its number only: carried along by each of its paths it would be squared.
lists AS MATERIALIZED (
    SELECT ROW_NUMBER() OVER () AS list, found FROM (SELECT DISTINCT found FROM branches)
),

shapes AS (
    SELECT
        b.list,
        LTRIM(STRING_AGG(w.word, ' ' ORDER BY b.place), '· ') AS shape,
        LEFT(MD5(STRING_AGG(w.counted, chr(2) ORDER BY b.place)), 12) AS shape_id
    FROM (
        SELECT list, UNNEST(found, max_depth := 2), GENERATE_SUBSCRIPTS(found, 1) AS place
        FROM lists
    ) AS b
    LEFT JOIN words AS w ON w.way = b.way AND w.repeats_count = b.repeats_count
    GROUP BY b.list
),

named AS (
    SELECT chain, COUNT(function_name) AS functions_count
    FROM (
        SELECT DISTINCT chain, function_name FROM nodes
        WHERE COALESCE(node_kind, 'function') = 'function'
    )
    GROUP BY chain
),

totals AS (
    SELECT
        n.chain,
        MIN(n.started_us) AS started_us,
        MAX(n.ended_us) AS ended_us,
        COUNT(*) FILTER (WHERE n.attempts_count > 0 AND n.node_kind = 'function')
            AS invocations_count,
        COUNT(*) FILTER (WHERE n.status IN ('error', 'timeout', 'crash', 'throttled'))
            AS failed_invocations_count,
        COUNT(*) FILTER (WHERE n.status = 'missing') AS missing_count,
        COUNT(*) FILTER (WHERE n.status = 'running') AS running_count,
        MAX(t.depth) AS depth_max
    FROM nodes AS n
    INNER JOIN tree AS t ON t.node = n.node
    GROUP BY n.chain
),

entries AS (
    SELECT
        n.chain,
        n.function_name AS entry_function,
        n.request_id AS entry_request_id,
        n.edge_kind AS entry_kind,
        n.status AS entry_status,
        n.ended_us AS entry_ended_us
    FROM nodes AS n
    INNER JOIN tree AS t ON t.node = n.node
    WHERE t.row = 0
),

runs AS (
    SELECT
        chain,
        COUNT(*) AS attempts_count,
        COUNT(*) FILTER (WHERE attempt_number > 1) AS retries_count,
        COUNT(*) FILTER (WHERE outcome IN ('error', 'timeout', 'crash', 'throttled'))
            AS failed_count,
        COUNT(*) FILTER (WHERE is_cold) AS cold_starts_count,
        CAST(ROUND(SUM(share * paid_idle_us)) AS BIGINT) AS paid_idle_us
    FROM drawn_runs
    WHERE node_kind = 'function'
    GROUP BY chain
),

own_bills AS (
    SELECT
        chain,
        MAX(region) FILTER (WHERE is_own) AS region,
        MAX(arch) FILTER (WHERE is_own) AS arch,
        MAX(init_type) FILTER (WHERE is_own) AS init_type,
        SUM(share * billed_ms / 1000.0 * memory_mb / 1024.0) FILTER (WHERE is_own) AS billed_gb_s,
        SUM(share * paid_idle_us / 1000000.0 * memory_mb / 1024.0) FILTER (WHERE is_own)
            AS idle_gb_s,
        SUM(share) FILTER (WHERE is_own AND billed_ms IS NOT NULL) AS requests_count,
        MAX(day) FILTER (WHERE is_own) AS price_day,
        BOOL_OR(NOT is_own) AS has_other_bills
    FROM bills
    GROUP BY chain
)

SELECT
    c.chain_id,
    e.entry_function,
    e.entry_request_id,
    e.entry_kind,
    e.entry_status,
    s.started_us,
    s.ended_us,
    s.ended_us - s.started_us AS wall_us,
    e.entry_ended_us - s.started_us AS answered_us,
    COALESCE(f.functions_count, 0) AS functions_count,
    s.invocations_count,
    COALESCE(r.attempts_count, 0) AS attempts_count,
    COALESCE(r.retries_count, 0) AS retries_count,
    COALESCE(r.failed_count, 0) AS failed_count,
    s.failed_invocations_count,
    s.missing_count,
    s.running_count,
    COALESCE(r.cold_starts_count, 0) AS cold_starts_count,
    s.depth_max,
    r.paid_idle_us,
    h.shape_id,
    h.shape,
    CAST(make_timestamp(s.started_us) AS DATE) AS day,
    b.region,
    b.arch,
    b.init_type,
    b.billed_gb_s,
    b.idle_gb_s,
    b.requests_count,
    b.price_day,
    b.has_other_bills
FROM totals AS s
INNER JOIN drawn_chains AS c ON c.chain = s.chain
INNER JOIN entries AS e ON e.chain = s.chain
INNER JOIN branches AS w ON w.chain = s.chain
INNER JOIN lists AS l ON l.found = w.found
INNER JOIN shapes AS h ON h.list = l.list
LEFT JOIN named AS f ON f.chain = s.chain
LEFT JOIN own_bills AS b ON b.chain = s.chain
LEFT JOIN runs AS r ON r.chain = s.chain
ORDER BY s.chain;

DROP TABLE tree;
DROP TABLE ways;
DROP TABLE nodes;
DROP TABLE drawn_runs;
DROP TABLE drawn_chains;
DROP TABLE moved_chains;
DROP TABLE moved_requests;
DROP TABLE bills;
