-- From when to when did each execution of a chain run? One row per chain and attempt with a start, on
-- its row of the waterfall; epoch microseconds. solid_us: where the bar stops being anybody's work,
-- because the caller had ended. cold_us: how long it was made ready before. Joined by started_us too,
-- so that one chain's bars are found without reading other times.
CREATE OR REPLACE VIEW chain_bars AS
SELECT
    m.chain_id,
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
    LEAD(a.started_us) OVER (PARTITION BY m.chain_id, t.row ORDER BY a.attempt_number)
        AS next_started_us
FROM timeline_rows AS t
INNER JOIN member_rows AS m
    ON m.chain_id = t.chain_id AND m.request_id = t.request_id
    AND m.function_name = t.function_name
INNER JOIN attempt_rows AS a
    ON a.started_us = m.started_us AND a.request_id = m.request_id
    AND a.function_name = m.function_name AND a.attempt_number = m.attempt_number;
