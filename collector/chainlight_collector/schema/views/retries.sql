-- Whose events are tried again, and does it help? One row per function; money in US dollars.
-- retried: more than one attempt; recovered: retried and ended well; exhausted: retried and failed
-- to the end; wasted_usd: what failed attempts of retried events cost (unknown costs left out).
CREATE OR REPLACE VIEW retries AS
WITH superseded AS (
    SELECT
        a.function_name,
        SUM(a.cost_usd) AS wasted_usd
    FROM attempts AS a
    INNER JOIN invocations AS i
        ON i.function_name = a.function_name AND i.request_id = a.request_id
    WHERE i.attempts_count > 1 AND (a.attempt_number < i.attempts_count OR i.is_failed)
    GROUP BY a.function_name
)

SELECT
    i.function_name,
    COUNT(*) AS invocations_count,
    COUNT(*) FILTER (WHERE i.attempts_count > 1) AS retried_count,
    COUNT(*) FILTER (WHERE i.attempts_count > 1 AND i.final_outcome = 'ok') AS recovered_count,
    COUNT(*) FILTER (WHERE i.attempts_count > 1 AND i.is_failed) AS exhausted_count,
    CAST(SUM(i.attempts_count) AS BIGINT) AS attempts_count,
    COALESCE(MAX(s.wasted_usd), 0) AS wasted_usd,
    COUNT(*) FILTER (WHERE i.receive_count > 1) AS redelivered_count
FROM invocations AS i
LEFT JOIN superseded AS s ON s.function_name = i.function_name
GROUP BY i.function_name;
