-- When does each row of a chain run in a typical chain of its shape? One row per (caller, function,
-- kind of call, how many of them came before), the median over the newest 200 chains of the shape
-- that did not fail, this one left out. Microseconds after the chain's start; cost in US dollars.
-- columns: caller_function, function_name, edge_kind, ordinal, chains_count, sent_us, started_us,
--   ended_us, cost_usd, paid_idle_us
WITH chosen AS (
    SELECT chain_id, epoch_us(started_at) AS chain_us FROM chains
    WHERE shape_id = (SELECT shape_id FROM chains WHERE chain_id = $chain_id)
      AND chain_id <> $chain_id AND status NOT IN ('failed', 'partial', 'dead_lettered', 'running')
    ORDER BY started_at DESC
    LIMIT 200
), money AS (
    SELECT
        members.chain_id, members.function_name, members.request_id,
        sum(attempts.cost_usd * members.share) AS cost_usd,
        sum(attempts.paid_idle_us) AS paid_idle_us
    FROM chain_members AS members
    JOIN attempts USING (function_name, request_id, attempt_number)
    WHERE members.chain_id IN (SELECT chain_id FROM chosen)
    GROUP BY ALL
), placed AS (
    SELECT
        own.chain_id, above.function_name AS caller_function, own.function_name, own.edge_kind,
        own.sent_us - chosen.chain_us AS sent_us,
        own.started_us - chosen.chain_us AS started_us,
        own.ended_us - chosen.chain_us AS ended_us,
        money.cost_usd, money.paid_idle_us,
        row_number() OVER (
            PARTITION BY own.chain_id, above.function_name, own.function_name, own.edge_kind
            ORDER BY own.row
        ) AS ordinal
    FROM chosen
    JOIN chain_timeline AS own USING (chain_id)
    LEFT JOIN chain_timeline AS above
        ON above.chain_id = own.chain_id AND above.row = own.parent_row
    LEFT JOIN money
        ON money.chain_id = own.chain_id AND money.function_name = own.function_name
        AND money.request_id = own.request_id
)
SELECT
    caller_function, function_name, edge_kind, ordinal,
    count(*) AS chains_count,
    median(sent_us)::BIGINT AS sent_us,
    median(started_us)::BIGINT AS started_us,
    median(ended_us)::BIGINT AS ended_us,
    median(cost_usd) AS cost_usd,
    median(paid_idle_us)::BIGINT AS paid_idle_us
FROM placed
GROUP BY caller_function, function_name, edge_kind, ordinal
ORDER BY started_us, caller_function, function_name, edge_kind, ordinal
