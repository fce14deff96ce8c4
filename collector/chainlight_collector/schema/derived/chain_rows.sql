-- What a chain was, without its money: one row per chain. Counts are of attempts, unless named else.
-- answered_us: from the first start to the end of the entry's invocation; wall_us: to the last end.
-- region, arch, init_type: its price class, with the GB-seconds and requests at it; the rest is in
-- chain_bill_rows (has_other_bills).
-- paid_idle_us is divided by share, as money is. shape is the path in words, shape_id its hash.
CREATE TABLE IF NOT EXISTS chain_rows (
    chain_id VARCHAR,
    entry_function VARCHAR,
    entry_request_id VARCHAR,
    entry_kind VARCHAR,
    entry_status VARCHAR,
    started_us BIGINT,
    ended_us BIGINT,
    wall_us BIGINT,
    answered_us BIGINT,
    functions_count BIGINT,
    invocations_count BIGINT,
    attempts_count BIGINT,
    retries_count BIGINT,
    failed_count BIGINT,
    failed_invocations_count BIGINT,
    missing_count BIGINT,
    running_count BIGINT,
    cold_starts_count BIGINT,
    depth_max INTEGER,
    paid_idle_us BIGINT,
    shape_id VARCHAR,
    shape VARCHAR,
    day DATE,
    region VARCHAR,
    arch VARCHAR,
    init_type VARCHAR,
    billed_gb_s DOUBLE,
    idle_gb_s DOUBLE,
    requests_count DOUBLE,
    price_day DATE,
    has_other_bills BOOLEAN
);
