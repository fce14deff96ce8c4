-- What is this chain? One row, or none for an id that is not in the data. Times in microseconds.
-- columns: chain_id, entry_function, entry_kind, started_us, wall_us, answered_us, functions_count,
--   attempts_count, retries_count, failed_count, cold_starts_count, dead_letters_count,
--   paid_idle_us, paid_idle_usd, paid_idle_share, cost_usd, status, shape, shape_id
SELECT
    chain_id, entry_function, entry_kind, epoch_us(started_at) AS started_us, wall_us, answered_us,
    functions_count, attempts_count, retries_count, failed_count, cold_starts_count,
    dead_letters_count, paid_idle_us, paid_idle_usd,
    paid_idle_usd / nullif(cost_usd, 0) AS paid_idle_share, cost_usd, status, shape, shape_id
FROM chains
WHERE chain_id = $chain_id
