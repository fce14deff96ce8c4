-- When an attempt paid for waiting: one row per island of overlapping waits for other functions.
-- Islands of one attempt do not overlap; each lies inside its attempt's billed interval.
-- paid_idle_us = length - the most CPU that other threads used during one of its waits, never < 0.
CREATE TABLE IF NOT EXISTS wait_rows (
    function_name VARCHAR,
    request_id VARCHAR,
    attempt_number INTEGER,
    island_number INTEGER,
    started_us BIGINT,
    ended_us BIGINT,
    calls_count INTEGER,
    cpu_us BIGINT,
    paid_idle_us BIGINT,
    day DATE,
    attempt_started_us BIGINT
);
