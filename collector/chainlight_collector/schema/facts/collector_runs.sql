-- What each collector run did: one row per run. Natural key: started_us.
CREATE TABLE IF NOT EXISTS collector_runs (
    started_us BIGINT,
    ended_us BIGINT,
    outcome VARCHAR,
    kept_count BIGINT,
    known_count BIGINT,
    rejected_count BIGINT,
    api_calls_count BIGINT,
    detail VARCHAR
);
