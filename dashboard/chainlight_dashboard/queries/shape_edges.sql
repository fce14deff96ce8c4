-- What does each step of a shape do? One row per function and the caller that reaches it, over the
-- newest $chains_max chains of the shape in the window. Lengths in microseconds; paid_idle_usd is
-- what callers paid while they waited for this step, runs_usd what the step's own runs cost.
-- columns: caller_function, function_name, edge_kind, depth, runs_count, failed_count,
--   retried_count, duration_p50_us, duration_p95_us, queued_p95_us, paid_idle_usd, runs_usd,
--   dead_letters_count
WITH chosen AS (
    SELECT chain_id FROM chains
    WHERE shape_id = $shape_id
      AND started_at >= make_timestamptz($from_us) AND started_at < make_timestamptz($to_us)
    ORDER BY started_at DESC
    LIMIT $chains_max
), steps AS (
    SELECT
        own.*, above.function_name AS caller_function, above.request_id AS caller_request_id
    FROM chain_timeline AS own
    LEFT JOIN chain_timeline AS above
        ON above.chain_id = own.chain_id AND above.row = own.parent_row
    WHERE own.chain_id IN (FROM chosen)
), waited AS (
    SELECT caller_function, caller_request_id, callee_function, sum(paid_idle_usd) AS paid_idle_usd
    FROM edge_calls
    WHERE caller_request_id IN (SELECT request_id FROM steps)
    GROUP BY ALL
), waited_steps AS (
    SELECT caller_function, callee_function, sum(paid_idle_usd) AS paid_idle_usd
    FROM waited
    GROUP BY ALL
), money AS (
    SELECT members.function_name, members.request_id, sum(attempts.cost_usd * members.share) AS usd
    FROM chain_members AS members
    JOIN attempts USING (function_name, request_id, attempt_number)
    WHERE members.chain_id IN (FROM chosen)
    GROUP BY ALL
), letters AS (
    SELECT function_name, count(*) AS dead_letters_count
    FROM dead_letters WHERE chain_id IN (FROM chosen)
    GROUP BY function_name
)
SELECT
    steps.caller_function,
    steps.function_name,
    steps.edge_kind,
    min(steps.depth) AS depth,
    count(*) AS runs_count,
    count(*) FILTER (steps.status IN ('error', 'timeout', 'crash', 'throttled', 'dlq')) AS failed_count,
    count(*) FILTER (steps.attempts_count > 1) AS retried_count,
    quantile_cont(steps.ended_us - steps.started_us, 0.5)::BIGINT AS duration_p50_us,
    quantile_cont(steps.ended_us - steps.started_us, 0.95)::BIGINT AS duration_p95_us,
    quantile_cont(greatest(0, steps.started_us - steps.sent_us), 0.95)::BIGINT AS queued_p95_us,
    any_value(waited_steps.paid_idle_usd) AS paid_idle_usd,
    sum(money.usd) AS runs_usd,
    coalesce(any_value(letters.dead_letters_count), 0) AS dead_letters_count
FROM steps
LEFT JOIN waited_steps
    ON waited_steps.caller_function = steps.caller_function
    AND waited_steps.callee_function = steps.function_name
LEFT JOIN money ON money.function_name = steps.function_name AND money.request_id = steps.request_id
LEFT JOIN letters ON letters.function_name = steps.function_name
GROUP BY steps.caller_function, steps.function_name, steps.edge_kind
ORDER BY depth, runs_count DESC, steps.function_name
LIMIT 200
