-- Within what time must a chain be answered? One row per entry function; microseconds, at the p95.
CREATE TABLE IF NOT EXISTS latency_objectives (
    entry_function VARCHAR,
    answered_p95_us BIGINT
);
