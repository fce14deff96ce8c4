-- What is wrong right now by your own thresholds? One row per watched measure: its newest state.
-- value and threshold are in the measure's unit (share of 0 to 1, messages, US dollars a day).
CREATE OR REPLACE VIEW alerts AS
SELECT
    measure,
    is_raised,
    value,
    direction,
    threshold,
    words,
    make_timestamptz(since_us) AS since_at,
    make_timestamptz(observed_us) AS observed_at,
    make_timestamptz(published_us) AS published_at,
    since_us,
    observed_us,
    published_us
FROM alert_states
QUALIFY row_number() OVER (PARTITION BY measure ORDER BY since_us DESC) = 1;
