-- What is painted on each row of a chain? One row per piece of a bar; epoch microseconds.
-- 'run' and 'idle' pieces (idle: paid waiting for another function) partition an attempt's
-- interval; a failed attempt's run pieces are 'error' or 'timeout' instead; what ran after the
-- caller had ended is 'orphan'. Unpaid: 'queued' (sent to start), 'backoff' (between attempts),
-- 'dlq' (last end to the dead letter), and 'queued' again for all the time of a row that is no
-- function but a workflow or another service. 'throttle' is a mark; 'missing' a call with no log of it.
CREATE OR REPLACE VIEW chain_segments AS
WITH bars AS (
    SELECT
        t.chain_id,
        t.row,
        t.day,
        a.function_name,
        a.request_id,
        a.attempt_number,
        a.started_us,
        GREATEST(COALESCE(a.ended_us, a.started_us), a.started_us) AS ended_us,
        GREATEST(a.started_us, LEAST(
            GREATEST(COALESCE(a.ended_us, a.started_us), a.started_us),
            COALESCE(t.orphaned_us, 9223372036854775807)
        )) AS solid_us,
        CASE WHEN a.is_cold THEN COALESCE(a.init_us, a.restore_us) END AS cold_us,
        CASE
            WHEN a.outcome IN ('error', 'crash') THEN 'error'
            WHEN a.outcome = 'timeout' THEN 'timeout'
            WHEN a.outcome = 'throttled' THEN 'throttle'
            ELSE 'run'
        END AS bar_kind,
        t.sent_us,
        LEAD(a.started_us) OVER (
            PARTITION BY t.chain_id, t.row ORDER BY a.attempt_number
        ) AS next_started_us
    FROM timeline_rows AS t
    INNER JOIN attempt_rows AS a
        ON a.request_id = t.request_id AND a.function_name = t.function_name
    WHERE a.started_us IS NOT NULL
),

islands AS (
    SELECT
        b.*,
        w.island_number,
        w.started_us AS idle_started_us,
        w.ended_us AS idle_ended_us,
        LEAD(w.started_us) OVER (
            PARTITION BY b.chain_id, b.row, b.attempt_number ORDER BY w.island_number
        ) AS next_idle_us
    FROM bars AS b
    INNER JOIN wait_rows AS w
        ON w.request_id = b.request_id AND w.function_name = b.function_name
        AND w.attempt_number = b.attempt_number
),

letters AS (
    SELECT chain_id, request_id, function_name, message_id, COALESCE(sent_us, seen_us) AS sent_us
    FROM dead_letters
    WHERE chain_id IS NOT NULL AND request_id IS NOT NULL
),

pieces AS (
    SELECT
        b.chain_id, b.row, b.bar_kind AS kind, b.started_us,
        LEAST(b.solid_us, COALESCE(w.started_us, b.solid_us)) AS ended_us, b.attempt_number
    FROM bars AS b
    LEFT JOIN wait_rows AS w
        ON w.request_id = b.request_id AND w.function_name = b.function_name
        AND w.attempt_number = b.attempt_number AND w.island_number = 1
    UNION ALL
    SELECT
        chain_id, row, 'idle' AS kind, idle_started_us AS started_us,
        LEAST(idle_ended_us, solid_us) AS ended_us, attempt_number
    FROM islands
    UNION ALL
    SELECT
        chain_id, row, bar_kind AS kind, idle_ended_us AS started_us,
        LEAST(solid_us, COALESCE(next_idle_us, solid_us)) AS ended_us, attempt_number
    FROM islands
    UNION ALL
    SELECT
        chain_id, row, 'queued' AS kind, started_us, ended_us, attempts_count AS attempt_number
    FROM timeline_rows
    WHERE node_kind <> 'function' AND started_us IS NOT NULL
    UNION ALL
    SELECT chain_id, row, 'orphan' AS kind, solid_us AS started_us, ended_us, attempt_number
    FROM bars
    UNION ALL
    SELECT
        chain_id, row, 'cold' AS kind, started_us - cold_us AS started_us,
        started_us AS ended_us, attempt_number
    FROM bars
    UNION ALL
    SELECT
        chain_id, row, 'queued' AS kind, sent_us AS started_us,
        started_us - COALESCE(cold_us, 0) AS ended_us, attempt_number
    FROM bars
    WHERE attempt_number = 1
    UNION ALL
    SELECT
        chain_id, row, 'backoff' AS kind, ended_us AS started_us,
        next_started_us AS ended_us, attempt_number
    FROM bars
    UNION ALL
    SELECT
        t.chain_id, t.row, 'dlq' AS kind, t.ended_us AS started_us, l.sent_us AS ended_us,
        t.attempts_count AS attempt_number
    FROM timeline_rows AS t
    INNER JOIN letters AS l ON l.chain_id = t.chain_id AND l.request_id = t.request_id
        AND COALESCE(l.function_name, t.function_name) = t.function_name
)

SELECT chain_id, row, kind, started_us, ended_us, attempt_number
FROM pieces
WHERE ended_us > started_us
UNION ALL
SELECT chain_id, row, 'dlq' AS kind, started_us, started_us AS ended_us, attempt_number
FROM pieces
WHERE kind = 'dlq' AND ended_us <= started_us
UNION ALL
SELECT chain_id, row, bar_kind AS kind, ended_us AS started_us, ended_us, attempt_number
FROM bars
WHERE bar_kind <> 'run' AND ended_us = solid_us AND EXISTS (
    SELECT 1
    FROM wait_rows AS w
    WHERE w.request_id = bars.request_id AND w.function_name = bars.function_name
        AND w.attempt_number = bars.attempt_number AND w.ended_us >= bars.ended_us
)
UNION ALL
SELECT chain_id, row, bar_kind AS kind, started_us, ended_us, attempt_number
FROM bars
WHERE started_us = ended_us
UNION ALL
SELECT
    t.chain_id, t.row, CASE t.status WHEN 'throttled' THEN 'throttle' ELSE 'missing' END AS kind,
    t.sent_us AS started_us, COALESCE(c.ended_us, t.sent_us) AS ended_us,
    CAST(NULL AS INTEGER) AS attempt_number
FROM timeline_rows AS t
LEFT JOIN call_rows AS c ON c.call_id = t.call_id
WHERE t.attempts_count = 0 AND t.sent_us IS NOT NULL;
