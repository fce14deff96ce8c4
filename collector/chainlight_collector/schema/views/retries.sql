-- Whose events are tried again, and does it help? One row per function; money in US dollars.
-- retried: more than one attempt; recovered: retried and ended well; exhausted: retried and failed
-- to the end; wasted_usd: what failed attempts of retried events cost (unknown costs left out).
-- Few events are tried again: they alone are looked at one by one.
CREATE OR REPLACE VIEW retries AS
WITH tries AS (
    SELECT function_name, request_id, attempt_number, outcome, cost_usd
    FROM attempts
    WHERE (function_name, request_id) IN (
        SELECT function_name, request_id FROM attempt_rows WHERE attempt_number > 1
    )
),

events AS (
    SELECT
        function_name,
        request_id,
        MAX(attempt_number) AS attempts_count,
        MAX_BY(outcome, attempt_number) AS final_outcome
    FROM tries
    GROUP BY function_name, request_id
),

fates AS (
    SELECT
        function_name,
        COUNT(*) AS retried_count,
        COUNT(*) FILTER (WHERE final_outcome = 'ok') AS recovered_count,
        COUNT(*) FILTER (WHERE final_outcome IN ('error', 'timeout', 'crash', 'throttled'))
            AS exhausted_count
    FROM events
    GROUP BY function_name
),

superseded AS (
    SELECT t.function_name, SUM(t.cost_usd) AS wasted_usd
    FROM tries AS t
    INNER JOIN events AS e ON e.function_name = t.function_name AND e.request_id = t.request_id
    WHERE t.attempt_number < e.attempts_count
        OR e.final_outcome IN ('error', 'timeout', 'crash', 'throttled')
    GROUP BY t.function_name
),

redelivered AS (
    SELECT function_name, COUNT(DISTINCT request_id) AS redelivered_count
    FROM attempt_rows
    WHERE receive_count > 1
    GROUP BY function_name
),

ran AS (
    SELECT
        function_name,
        CAST(SUM(invocations_count) AS BIGINT) AS invocations_count,
        CAST(SUM(attempts_count) AS BIGINT) AS attempts_count
    FROM function_day_rows
    GROUP BY function_name
)

SELECT
    r.function_name,
    r.invocations_count,
    COALESCE(f.retried_count, 0) AS retried_count,
    COALESCE(f.recovered_count, 0) AS recovered_count,
    COALESCE(f.exhausted_count, 0) AS exhausted_count,
    r.attempts_count,
    COALESCE(s.wasted_usd, 0) AS wasted_usd,
    COALESCE(d.redelivered_count, 0) AS redelivered_count
FROM ran AS r
LEFT JOIN fates AS f ON f.function_name = r.function_name
LEFT JOIN superseded AS s ON s.function_name = r.function_name
LEFT JOIN redelivered AS d ON d.function_name = r.function_name;
