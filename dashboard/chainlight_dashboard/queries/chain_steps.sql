-- Who called whom in one chain? One row per function and the caller that reached it: the columns of
-- shape_edges, for one chain. Lengths in microseconds; paid_idle_usd is what callers paid while they
-- waited for this step.
-- columns: caller_function, function_name, edge_kind, depth, runs_count, failed_count,
--   queued_p95_us, paid_idle_usd, dead_letters_count
WITH steps AS (
    SELECT
        own.*, above.function_name AS caller_function
    FROM chain_timeline AS own
    LEFT JOIN chain_timeline AS above
        ON above.chain_id = own.chain_id AND above.row = own.parent_row
    WHERE own.chain_id = $chain_id
), waited AS (
    SELECT caller_function, callee_function, sum(paid_idle_usd) AS paid_idle_usd
    FROM edge_calls
    WHERE caller_request_id IN (SELECT request_id FROM steps)
    GROUP BY ALL
), letters AS (
    SELECT function_name, count(*) AS dead_letters_count
    FROM dead_letters WHERE chain_id = $chain_id
    GROUP BY function_name
)
SELECT
    steps.caller_function,
    steps.function_name,
    steps.edge_kind,
    min(steps.depth) AS depth,
    count(*) AS runs_count,
    count(*) FILTER (steps.status IN ('error', 'timeout', 'crash', 'throttled')) AS failed_count,
    quantile_cont(greatest(0, steps.started_us - steps.sent_us), 0.95)::BIGINT AS queued_p95_us,
    any_value(waited.paid_idle_usd) AS paid_idle_usd,
    coalesce(any_value(letters.dead_letters_count), 0) AS dead_letters_count
FROM steps
LEFT JOIN waited
    ON waited.caller_function = steps.caller_function
    AND waited.callee_function = steps.function_name
LEFT JOIN letters ON letters.function_name = steps.function_name
GROUP BY steps.caller_function, steps.function_name, steps.edge_kind
ORDER BY depth, runs_count DESC, steps.function_name
LIMIT 200
