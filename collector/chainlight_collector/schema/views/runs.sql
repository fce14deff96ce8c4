-- What did the collector do, and when? One row per run.
CREATE OR REPLACE VIEW runs AS
SELECT
    make_timestamptz(started_us) AS started_at,
    make_timestamptz(ended_us) AS ended_at,
    outcome,
    kept_count,
    known_count,
    rejected_count,
    api_calls_count,
    detail,
    started_us,
    ended_us
FROM collector_runs;
