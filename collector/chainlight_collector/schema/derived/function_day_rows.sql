-- What did each function do on each day: attempt_rows added up. One row per (function, day, price
-- class: account, region, architecture, memory, init type). Whole numbers only, so that they add up
-- exactly. invocations_count counts first attempts. own_us: duration less paid idle, where both are
-- known. billed_2020_ms: what the rules of 2020 would bill (100 ms steps, no init).
-- sampled_count: attempts that stand for others. first_gap_us: the earliest with a START and no end.
-- owner is what its records said last. duration_p95_us is of that day and class, and no sum.
CREATE TABLE IF NOT EXISTS function_day_rows (
    function_name VARCHAR,
    account_id VARCHAR,
    region VARCHAR,
    arch VARCHAR,
    memory_mb INTEGER,
    init_type VARCHAR,
    attempts_count BIGINT,
    invocations_count BIGINT,
    failed_count BIGINT,
    known_count BIGINT,
    throttled_count BIGINT,
    cold_count BIGINT,
    cold_known_count BIGINT,
    records_count BIGINT,
    reports_count BIGINT,
    sampled_count BIGINT,
    first_gap_us BIGINT,
    restores_count BIGINT,
    async_source_count BIGINT,
    retried_count BIGINT,
    billed_ms BIGINT,
    billed_2020_ms BIGINT,
    billed_known_count BIGINT,
    duration_us BIGINT,
    own_us BIGINT,
    paid_idle_us BIGINT,
    other_wait_us BIGINT,
    overhead_us BIGINT,
    init_us BIGINT,
    first_us BIGINT,
    last_us BIGINT,
    max_memory_used_mb INTEGER,
    duration_p95_us BIGINT,
    owner VARCHAR,
    day DATE
);
