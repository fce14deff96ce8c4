-- What are the rows of the waterfall? One row per invocation of the chain, depth-first, with the
-- money and idle time of its attempts (this chain's share of them). Times in microseconds.
-- An invocation whose event lies in a dead-letter queue has the status 'dlq'.
-- columns: chain_id, row, parent_row, depth, function_name, request_id, edge_kind, sent_us,
--   started_us, ended_us, attempts_count, status, is_on_critical_path, cost_usd, paid_idle_us,
--   paid_idle_usd, is_cold, error_type, note
WITH money AS (
    SELECT
        members.function_name,
        members.request_id,
        sum(attempts.cost_usd * members.share) AS cost_usd,
        sum(attempts.paid_idle_us)::BIGINT AS paid_idle_us,
        sum(attempts.paid_idle_usd * members.share) AS paid_idle_usd,
        bool_or(attempts.is_cold) AS is_cold,
        max_by(attempts.error_type, attempts.attempt_number) AS error_type
    FROM chain_members AS members
    JOIN attempts USING (function_name, request_id, attempt_number)
    WHERE members.chain_id = $chain_id
    GROUP BY ALL
), letters AS (
    SELECT DISTINCT request_id FROM dead_letters WHERE chain_id = $chain_id
)
SELECT
    timeline.chain_id, timeline.row, timeline.parent_row, timeline.depth, timeline.function_name,
    timeline.request_id, timeline.edge_kind, timeline.sent_us, timeline.started_us,
    timeline.ended_us, timeline.attempts_count,
    CASE WHEN letters.request_id IS NULL THEN timeline.status ELSE 'dlq' END AS status,
    timeline.is_on_critical_path,
    money.cost_usd, money.paid_idle_us, money.paid_idle_usd, money.is_cold, money.error_type,
    money.error_type AS note
FROM chain_timeline AS timeline
LEFT JOIN money USING (function_name, request_id)
LEFT JOIN letters USING (request_id)
WHERE timeline.chain_id = $chain_id
ORDER BY timeline.row
