-- When did an execution pay for waiting? One row per island of overlapping waits; microseconds.
-- paid_idle_us is the island's length less the CPU that other threads used; money as in attempts.
CREATE OR REPLACE VIEW waits AS
SELECT
    w.function_name,
    w.request_id,
    w.attempt_number,
    w.island_number,
    w.started_us,
    w.ended_us,
    w.ended_us - w.started_us AS wait_us,
    w.calls_count,
    w.cpu_us,
    w.paid_idle_us,
    w.paid_idle_us / 1000000.0 * a.second_usd AS paid_idle_usd,
    w.day
FROM wait_rows AS w
LEFT JOIN attempts AS a
    ON a.function_name = w.function_name AND a.request_id = w.request_id
    AND a.attempt_number = w.attempt_number;
