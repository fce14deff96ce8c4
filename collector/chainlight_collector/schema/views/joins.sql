-- Where does one execution set off several, and do they come together again? One row per caller
-- invocation and chain with a width of two or more. first_us, last_us: epoch microseconds at which
-- the first and the last branch ended. is_joined: the caller waited for all of them, or a later
-- invocation was caused by two or more of them; FALSE where neither was seen. verdict: 'awaited',
-- 'joined', or 'never joined'. skew_us: from the first to the last end. straggler_usd: what an awaiting
-- caller paid from the middle branch's end to the last one's.
CREATE OR REPLACE VIEW joins AS
WITH parts AS (
    SELECT
        m.chain_id,
        l.caller_function,
        l.caller_request_id,
        l.callee_function,
        l.callee_request_id,
        l.caller_attempt_number,
        l.mode,
        l.is_answered,
        i.ended_us,
        i.final_outcome
    FROM link_rows AS l
    INNER JOIN (
        SELECT DISTINCT chain_id, function_name, request_id FROM member_rows
    ) AS m ON m.request_id = l.caller_request_id AND m.function_name = l.caller_function
    LEFT JOIN invocations AS i
        ON i.function_name = l.callee_function AND i.request_id = l.callee_request_id
),

fan_outs AS (
    SELECT
        chain_id,
        caller_function,
        caller_request_id,
        COUNT(*) AS width,
        COUNT(*) FILTER (WHERE final_outcome IN ('ok', 'unknown')) AS arrived_count,
        MIN(ended_us) AS first_us,
        MAX(ended_us) AS last_us,
        QUANTILE_DISC(ended_us, 0.5) AS middle_us,
        MIN(caller_attempt_number) AS caller_attempt_number,
        MAX_BY(callee_function, ended_us) AS slowest_function,
        MAX_BY(callee_request_id, ended_us) AS slowest_request_id,
        BOOL_AND(mode = 'sync' AND is_answered) AS is_awaited
    FROM parts
    GROUP BY chain_id, caller_function, caller_request_id
    HAVING COUNT(*) > 1
),

fan_ins AS (
    SELECT p.chain_id, p.caller_function, p.caller_request_id, n.callee_request_id
    FROM parts AS p
    INNER JOIN link_rows AS n
        ON n.caller_request_id = p.callee_request_id AND n.caller_function = p.callee_function
    GROUP BY p.chain_id, p.caller_function, p.caller_request_id, n.callee_function, n.callee_request_id
    HAVING COUNT(DISTINCT p.callee_request_id) > 1
)

SELECT
    o.chain_id,
    o.caller_request_id,
    o.width,
    o.arrived_count,
    o.first_us,
    o.last_us,
    o.slowest_function,
    o.slowest_request_id,
    o.is_awaited OR n.caller_request_id IS NOT NULL AS is_joined,
    o.caller_function,
    CASE
        WHEN o.is_awaited THEN 'awaited'
        WHEN n.caller_request_id IS NOT NULL THEN 'joined'
        ELSE 'never joined'
    END AS verdict,
    o.last_us - o.first_us AS skew_us,
    CASE WHEN o.is_awaited THEN (o.last_us - o.middle_us) / 1000000.0 * a.second_usd END
        AS straggler_usd
FROM fan_outs AS o
LEFT JOIN (
    SELECT DISTINCT chain_id, caller_request_id, caller_function FROM fan_ins
) AS n
    ON n.chain_id = o.chain_id AND n.caller_request_id = o.caller_request_id
    AND n.caller_function = o.caller_function
LEFT JOIN attempts AS a
    ON a.request_id = o.caller_request_id AND a.function_name = o.caller_function
    AND a.attempt_number = o.caller_attempt_number;
