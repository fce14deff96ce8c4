-- What is painted on each row of a chain? One row per piece of a bar; epoch microseconds.
-- 'run' and 'idle' pieces (idle: paid waiting for another function) partition an attempt's
-- interval; a failed attempt's run pieces are 'error' or 'timeout' instead; what ran after the
-- caller had ended is 'orphan'. Unpaid: 'queued' (sent to start), 'backoff' (between attempts),
-- 'dlq' (last end to the dead letter), and 'service' for all the time of a row that is no function
-- but a workflow or another service, which bills by the request. 'throttle' is a mark; 'missing' a call with no log of it.
CREATE OR REPLACE VIEW chain_segments AS
WITH marks AS (
    SELECT
        *, 0 AS island_number, started_us AS idle_started_us, started_us AS idle_ended_us
    FROM chain_bars
    UNION ALL
    SELECT
        b.*, w.island_number, w.started_us AS idle_started_us, w.ended_us AS idle_ended_us
    FROM chain_bars AS b
    INNER JOIN wait_rows AS w
        ON w.attempt_started_us = b.started_us AND w.request_id = b.request_id
        AND w.function_name = b.function_name AND w.attempt_number = b.attempt_number
),

-- What follows a mark: the bar's beginning (island_number 0) or the end of an island of waiting.
ordered AS (
    SELECT
        *,
        LEAD(idle_started_us) OVER (
            PARTITION BY chain_id, row, attempt_number ORDER BY island_number
        ) AS next_idle_us
    FROM marks
),

pieces AS (
    SELECT
        chain_id,
        row,
        attempt_number,
        UNNEST([
            {'kind': 'idle', 'from_us': idle_started_us,
             'to_us': LEAST(idle_ended_us, solid_us), 'is_mark': FALSE},
            {'kind': bar_kind, 'from_us': idle_ended_us,
             'to_us': LEAST(solid_us, COALESCE(next_idle_us, solid_us)), 'is_mark': FALSE},
            CASE WHEN island_number > 0 AND next_idle_us IS NULL AND bar_kind <> 'run'
                AND ended_us = solid_us AND idle_ended_us >= ended_us
            THEN {'kind': bar_kind, 'from_us': ended_us, 'to_us': ended_us, 'is_mark': TRUE} END,
            CASE WHEN island_number = 0 AND started_us = ended_us
            THEN {'kind': bar_kind, 'from_us': started_us, 'to_us': ended_us, 'is_mark': TRUE} END,
            CASE WHEN island_number = 0
            THEN {'kind': 'orphan', 'from_us': solid_us, 'to_us': ended_us, 'is_mark': FALSE} END,
            CASE WHEN island_number = 0
            THEN {'kind': 'cold', 'from_us': started_us - cold_us, 'to_us': started_us,
                  'is_mark': FALSE} END,
            CASE WHEN island_number = 0 AND attempt_number = 1
            THEN {'kind': 'queued', 'from_us': sent_us, 'to_us': started_us - COALESCE(cold_us, 0),
                  'is_mark': FALSE} END,
            CASE WHEN island_number = 0
            THEN {'kind': 'backoff', 'from_us': ended_us, 'to_us': next_started_us,
                  'is_mark': FALSE} END
        ]) AS piece
    FROM ordered
)

SELECT
    chain_id, row, piece.kind, piece.from_us AS started_us, piece.to_us AS ended_us, attempt_number
FROM pieces
WHERE piece.to_us > piece.from_us OR piece.is_mark
UNION ALL
SELECT chain_id, row, 'service' AS kind, started_us, ended_us, attempts_count AS attempt_number
FROM timeline_rows
WHERE node_kind <> 'function' AND ended_us > started_us
UNION ALL
SELECT
    t.chain_id, t.row, 'dlq' AS kind, t.ended_us AS started_us,
    GREATEST(l.sent_us, t.ended_us) AS ended_us, t.attempts_count AS attempt_number
FROM timeline_rows AS t
INNER JOIN letter_rows AS l
    ON l.chain_id = t.chain_id AND l.request_id = t.request_id
    AND COALESCE(l.function_name, t.function_name) = t.function_name
UNION ALL
SELECT
    t.chain_id, t.row, CASE t.status WHEN 'throttled' THEN 'throttle' ELSE 'missing' END AS kind,
    t.sent_us AS started_us, COALESCE(c.ended_us, t.sent_us) AS ended_us,
    CAST(NULL AS INTEGER) AS attempt_number
FROM timeline_rows AS t
LEFT JOIN call_rows AS c ON c.started_us = t.sent_us AND c.call_id = t.call_id
WHERE t.attempts_count = 0 AND t.sent_us IS NOT NULL;
