-- Which calls did the SDK itself repeat, and what ran twice? One row per call with tries > 1.
-- executions_count: invocations it caused; duplicated_usd: the cost of all of them but the last.
-- advice: a botocore setting that lets one try wait as long as the callee may run: its timeout and 5 s
-- more, where that is unknown twice the p99 of what it took. callee_p99_us: of its attempts.
-- Few calls are repeated: what they caused alone is added up.
CREATE OR REPLACE VIEW sdk_retries AS
WITH reached AS (
    SELECT call_id, callee_function, callee_request_id
    FROM link_rows
    WHERE call_id IN (SELECT call_id FROM call_rows WHERE tries_count > 1)
),

ran AS (
    SELECT function_name, request_id, MIN(started_us) AS started_us, SUM(cost_usd) AS cost_usd
    FROM attempts
    WHERE request_id IN (SELECT callee_request_id FROM reached)
    GROUP BY function_name, request_id
),

executions AS (
    SELECT
        l.call_id,
        l.callee_function,
        i.cost_usd,
        ROW_NUMBER() OVER (
            PARTITION BY l.call_id ORDER BY i.started_us DESC, i.request_id
        ) AS newest_rank
    FROM reached AS l
    INNER JOIN ran AS i
        ON i.function_name = l.callee_function AND i.request_id = l.callee_request_id
),

caused AS (
    SELECT
        call_id,
        MIN(callee_function) AS callee_function,
        COUNT(*) AS executions_count,
        COALESCE(SUM(cost_usd) FILTER (WHERE newest_rank > 1), 0) AS duplicated_usd
    FROM executions
    GROUP BY call_id
),

paces AS (
    SELECT function_name, QUANTILE_CONT(duration_us, 0.99) AS p99_us
    FROM attempt_rows
    WHERE function_name IN (SELECT callee_function FROM caused)
    GROUP BY function_name
)

SELECT
    c.call_id,
    c.caller_function,
    c.target,
    c.tries_count,
    COALESCE(e.executions_count, 0) AS executions_count,
    COALESCE(e.duplicated_usd, 0) AS duplicated_usd,
    CASE
        WHEN f.timeout_s IS NULL AND p.p99_us IS NULL THEN
            'Config(connect_timeout=5, read_timeout=<the callee''s timeout + 5>, '
            || 'retries={"total_max_attempts": 1})'
        ELSE
            'Config(connect_timeout=5, read_timeout='
            || CAST(COALESCE(f.timeout_s + 5, CAST(CEIL(2 * p.p99_us / 1000000.0) AS INTEGER)) AS VARCHAR)
            || ', retries={"total_max_attempts": 1})'
    END AS advice,
    c.outcome,
    c.error_type,
    c.caller_request_id,
    c.started_us,
    c.day,
    CAST(ROUND(p.p99_us) AS BIGINT) AS callee_p99_us,
    e.callee_function
FROM call_rows AS c
LEFT JOIN caused AS e ON e.call_id = c.call_id
LEFT JOIN paces AS p ON p.function_name = e.callee_function
LEFT JOIN function_newest AS f ON f.function_name = COALESCE(e.callee_function, c.target_name)
WHERE c.tries_count > 1;
