-- How often does a function take each of its branches? One row per (caller, callee).
-- call_share: the part of the caller's invocations in which it calls the callee;
-- on_error_share: the part of those calls made after another call of the same attempt had failed.
CREATE OR REPLACE VIEW branches AS
WITH first_failures AS (
    SELECT
        caller_function, caller_request_id, caller_attempt_number, MIN(ended_us) AS failed_us
    FROM call_rows
    WHERE outcome <> 'ok'
    GROUP BY caller_function, caller_request_id, caller_attempt_number
),

caller_totals AS (
    SELECT function_name, COUNT(DISTINCT request_id) AS invocations_count
    FROM attempt_rows
    GROUP BY function_name
),

taken AS (
    SELECT
        e.caller_function,
        e.callee_function,
        COUNT(DISTINCT e.caller_request_id) AS invocations_count,
        COUNT(*) FILTER (WHERE f.failed_us <= e.started_us) * 1.0 / COUNT(*) AS on_error_share
    FROM edge_rows AS e
    LEFT JOIN first_failures AS f
        ON f.caller_request_id = e.caller_request_id AND f.caller_function = e.caller_function
        AND f.caller_attempt_number = e.caller_attempt_number
    GROUP BY e.caller_function, e.callee_function
)

SELECT
    t.caller_function,
    t.callee_function,
    t.invocations_count * 1.0 / NULLIF(c.invocations_count, 0) AS call_share,
    t.on_error_share
FROM taken AS t
LEFT JOIN caller_totals AS c ON c.function_name = t.caller_function;
