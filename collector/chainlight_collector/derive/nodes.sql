-- What has to be drawn? One row per invocation of a moved chain, and per direct call of one whose
-- callee was never seen. Each hangs below its earliest cause within the chain.
CREATE OR REPLACE TEMP TABLE drawn_members AS
SELECT DISTINCT m.chain_id, m.function_name, m.request_id
FROM member_rows AS m
WHERE m.chain_id IN (SELECT chain_id FROM moved_chains);

CREATE OR REPLACE TEMP TABLE drawn_invocations AS
SELECT
    a.function_name,
    a.request_id,
    MIN(a.started_us) AS started_us,
    MAX(a.ended_us) AS ended_us,
    CAST(COUNT(*) AS INTEGER) AS attempts_count,
    CASE
        WHEN MAX_BY(a.has_report OR a.has_record, a.attempt_number)
            OR MAX_BY(a.outcome, a.attempt_number) <> 'unknown'
            THEN MAX_BY(a.outcome, a.attempt_number)
        ELSE 'running'
    END AS status,
    MAX(a.source_kind) AS source_kind,
    MIN(a.node_kind) AS node_kind,
    MIN(a.day) AS day
FROM node_rows AS a
SEMI JOIN drawn_members AS m
    ON m.request_id = a.request_id AND m.function_name = a.function_name
GROUP BY a.function_name, a.request_id;

CREATE OR REPLACE TEMP TABLE nodes AS
WITH seen_links AS (
    SELECT
        m.chain_id,
        l.callee_function,
        l.callee_request_id,
        l.caller_function,
        l.caller_request_id,
        l.call_id,
        CASE WHEN l.kind = 'lambda' THEN l.mode ELSE l.kind END AS edge_kind,
        l.mode,
        l.sent_us,
        a.ended_us AS caller_ended_us,
        ROW_NUMBER() OVER (
            PARTITION BY m.chain_id, l.callee_function, l.callee_request_id
            ORDER BY l.sent_us NULLS LAST, l.call_id
        ) AS choice
    FROM link_rows AS l
    INNER JOIN drawn_members AS m
        ON m.request_id = l.callee_request_id AND m.function_name = l.callee_function
    SEMI JOIN drawn_members AS u
        ON u.chain_id = m.chain_id AND u.request_id = l.caller_request_id
        AND u.function_name = l.caller_function
    LEFT JOIN attempt_rows AS a
        ON a.request_id = CASE WHEN l.mode = 'sync' AND NOT l.is_answered THEN l.caller_request_id END
        AND a.function_name = l.caller_function AND a.attempt_number = l.caller_attempt_number
    WHERE l.is_callee_seen AND l.caller_request_id <> l.callee_request_id
),

seen AS (
    SELECT
        m.chain_id,
        m.function_name,
        m.request_id,
        l.call_id,
        l.caller_function,
        l.caller_request_id,
        COALESCE(l.edge_kind, i.source_kind, 'unknown') AS edge_kind,
        l.mode,
        l.sent_us,
        i.started_us,
        i.ended_us,
        i.attempts_count,
        i.status,
        i.node_kind,
        CASE WHEN l.caller_ended_us < i.ended_us THEN l.caller_ended_us END AS orphaned_us,
        i.day
    FROM drawn_members AS m
    INNER JOIN drawn_invocations AS i
        ON i.request_id = m.request_id AND i.function_name = m.function_name
    LEFT JOIN seen_links AS l
        ON l.chain_id = m.chain_id AND l.callee_request_id = m.request_id
        AND l.callee_function = m.function_name AND l.choice = 1
),

missing AS (
    SELECT
        m.chain_id,
        c.target_name AS function_name,
        c.natural_keys[1] AS request_id,
        c.call_id,
        c.caller_function,
        c.caller_request_id,
        c.mode AS edge_kind,
        c.mode,
        c.started_us AS sent_us,
        CAST(0 AS INTEGER) AS attempts_count,
        CASE c.outcome WHEN 'throttled' THEN 'throttled' ELSE 'missing' END AS status,
        c.day
    FROM call_rows AS c
    INNER JOIN drawn_members AS m
        ON m.request_id = c.caller_request_id AND m.function_name = c.caller_function
    ANTI JOIN (
        SELECT call_id
        FROM link_rows
        WHERE is_callee_seen AND caller_request_id IN (SELECT request_id FROM drawn_members)
    ) AS l ON l.call_id = c.call_id
    WHERE c.kind = 'lambda'
        AND (c.outcome IN ('throttled', 'open', 'timeout') OR COALESCE(c.status_code, 200) < 300)
)

SELECT
    ROW_NUMBER() OVER () AS node,
    *,
    LPAD(CAST(COALESCE(started_us, sent_us, 0) AS VARCHAR), 17, '0')
    || COALESCE(request_id, '') || COALESCE(call_id, '') || COALESCE(function_name, '') AS sort_key
FROM (SELECT * FROM seen UNION ALL BY NAME SELECT * FROM missing);
