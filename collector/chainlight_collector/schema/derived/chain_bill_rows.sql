-- What did a chain use at another price than its own: one row per chain, function, day and price
-- class. A chain's own class (chain_rows: the region, architecture and init type of its first known
-- attempt, on its day) is added up in chain_rows; here is the rest: other regions, architectures or
-- days, restores, and what only the configuration can price (NULL region, arch or memory).
-- Seconds and requests are divided by share; NULL is unknown.
CREATE TABLE IF NOT EXISTS chain_bill_rows (
    chain_id VARCHAR,
    function_name VARCHAR,
    region VARCHAR,
    arch VARCHAR,
    memory_mb INTEGER,
    init_type VARCHAR,
    billed_s DOUBLE,
    idle_s DOUBLE,
    requests_count DOUBLE,
    restores_count DOUBLE,
    day DATE
);
