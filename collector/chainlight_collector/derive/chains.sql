-- What was each moved chain? Its shape is the path in words: → waits, ⇢ does not, × n repeats;
-- branches in the order of their names, so that races between them do not make new shapes.
-- Their attempts are looked up once: each look reads all attempts there are (a million: 0.2 s).
CREATE OR REPLACE TEMP TABLE moved_runs AS
SELECT
    m.chain_id, m.share, a.function_name, a.request_id, a.attempt_number, a.region, a.arch,
    a.memory_mb, a.init_type, a.restore_us, a.billed_ms, a.paid_idle_us, a.outcome, a.is_cold,
    a.started_us, a.day
FROM member_rows AS m
INNER JOIN attempt_rows AS a
    ON a.request_id = m.request_id AND a.function_name = m.function_name
    AND a.attempt_number = m.attempt_number
WHERE m.chain_id IN (SELECT chain_id FROM moved_chains);

CREATE OR REPLACE TEMP TABLE bills AS
SELECT
    r.chain_id,
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
    COALESCE(r.day = e.day AND r.region = e.region AND r.arch = e.arch
        AND COALESCE(r.init_type, '') = COALESCE(e.init_type, '')
        AND r.memory_mb IS NOT NULL AND NOT COALESCE(r.restore_us > 0, FALSE), FALSE) AS is_own
FROM moved_runs AS r
LEFT JOIN (
    SELECT
        chain_id,
        MIN_BY(day, (started_us, request_id)) AS day,
        MIN_BY(region, (started_us, request_id)) AS region,
        MIN_BY(arch, (started_us, request_id)) AS arch,
        MIN_BY(init_type, (started_us, request_id)) AS init_type
    FROM moved_runs
    WHERE region IS NOT NULL AND arch IS NOT NULL AND day IS NOT NULL
    GROUP BY chain_id
) AS e ON e.chain_id = r.chain_id;

DELETE FROM chain_bill_rows WHERE chain_id IN (SELECT chain_id FROM moved_chains);
INSERT INTO chain_bill_rows BY NAME
SELECT
    chain_id,
    function_name,
    region,
    arch,
    memory_mb,
    init_type,
    SUM(share * billed_ms / 1000.0) AS billed_s,
    SUM(share * paid_idle_us / 1000000.0) AS idle_s,
    SUM(share) FILTER (WHERE billed_ms IS NOT NULL) AS requests_count,
    SUM(share) FILTER (WHERE is_restored) AS restores_count,
    day
FROM bills
WHERE NOT is_own
GROUP BY chain_id, function_name, region, arch, memory_mb, init_type, day
ORDER BY chain_id;

DELETE FROM chain_rows WHERE chain_id IN (SELECT chain_id FROM moved_chains);
INSERT INTO chain_rows BY NAME
WITH repeats AS (
    SELECT n.chain_id, t.names, COUNT(*) AS repeats_count
    FROM tree AS t
    INNER JOIN nodes AS n ON n.node = t.node
    GROUP BY n.chain_id, t.names
),

-- One list sorted per chain: two aggregates that sort each for themselves took three times as long.
branches AS (
    SELECT
        chain_id,
        LIST_SORT(LIST(struct_pack(
            names := names,
            counted := names || ' ' || CAST(repeats_count AS VARCHAR),
            word := CASE
                WHEN CONTAINS(names, chr(1)) THEN REGEXP_EXTRACT(names, '([^\x01]*)$', 1)
                ELSE '· ' || names
            END
            || CASE WHEN repeats_count > 1 THEN ' × ' || CAST(repeats_count AS VARCHAR) ELSE '' END
        )) FILTER (WHERE names IS NOT NULL)) AS found
    FROM repeats
    GROUP BY chain_id
),

shapes AS (
    SELECT
        chain_id,
        ARRAY_TO_STRING(LIST_TRANSFORM(found, lambda each: each.word), ' ') AS words,
        LEFT(MD5(ARRAY_TO_STRING(
            LIST_TRANSFORM(found, lambda each: each.counted), chr(2)
        )), 12) AS shape_id
    FROM branches
),

entries AS (
    SELECT
        chain_id,
        MIN_BY(function_name, row) AS entry_function,
        MIN_BY(request_id, row) AS entry_request_id,
        MIN_BY(edge_kind, row) AS entry_kind,
        MIN_BY(status, row) AS entry_status,
        MIN_BY(ended_us, row) AS entry_ended_us,
        MIN(started_us) AS started_us,
        MAX(ended_us) AS ended_us,
        COUNT(DISTINCT function_name) FILTER (WHERE COALESCE(node_kind, 'function') = 'function')
            AS functions_count,
        COUNT(*) FILTER (WHERE attempts_count > 0 AND node_kind = 'function')
            AS invocations_count,
        COUNT(*) FILTER (WHERE status IN ('error', 'timeout', 'crash', 'throttled'))
            AS failed_invocations_count,
        COUNT(*) FILTER (WHERE status = 'missing') AS missing_count,
        COUNT(*) FILTER (WHERE status = 'running') AS running_count,
        MAX(depth) AS depth_max
    FROM timeline_rows
    WHERE chain_id IN (SELECT chain_id FROM moved_chains)
    GROUP BY chain_id
),

runs AS (
    SELECT
        chain_id,
        COUNT(*) AS attempts_count,
        COUNT(*) FILTER (WHERE attempt_number > 1) AS retries_count,
        COUNT(*) FILTER (WHERE outcome IN ('error', 'timeout', 'crash', 'throttled'))
            AS failed_count,
        COUNT(*) FILTER (WHERE is_cold) AS cold_starts_count,
        CAST(ROUND(SUM(share * paid_idle_us)) AS BIGINT) AS paid_idle_us
    FROM moved_runs
    GROUP BY chain_id
),

own_bills AS (
    SELECT
        chain_id,
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
    GROUP BY chain_id
)

SELECT
    e.chain_id,
    e.entry_function,
    e.entry_request_id,
    e.entry_kind,
    e.entry_status,
    e.started_us,
    e.ended_us,
    e.ended_us - e.started_us AS wall_us,
    e.entry_ended_us - e.started_us AS answered_us,
    e.functions_count,
    e.invocations_count,
    COALESCE(r.attempts_count, 0) AS attempts_count,
    COALESCE(r.retries_count, 0) AS retries_count,
    COALESCE(r.failed_count, 0) AS failed_count,
    e.failed_invocations_count,
    e.missing_count,
    e.running_count,
    COALESCE(r.cold_starts_count, 0) AS cold_starts_count,
    e.depth_max,
    r.paid_idle_us,
    s.shape_id,
    LTRIM(s.words, '· ') AS shape,
    CAST(make_timestamp(e.started_us) AS DATE) AS day,
    b.region,
    b.arch,
    b.init_type,
    b.billed_gb_s,
    b.idle_gb_s,
    b.requests_count,
    b.price_day,
    b.has_other_bills
FROM entries AS e
LEFT JOIN own_bills AS b ON b.chain_id = e.chain_id
LEFT JOIN runs AS r ON r.chain_id = e.chain_id
INNER JOIN shapes AS s ON s.chain_id = e.chain_id
ORDER BY e.chain_id;

DROP TABLE tree;
DROP TABLE critical;
DROP TABLE nodes;
DROP TABLE drawn_members;
DROP TABLE drawn_invocations;
DROP TABLE moved_chains;
DROP TABLE moved_requests;
DROP TABLE bills;
DROP TABLE moved_runs;
