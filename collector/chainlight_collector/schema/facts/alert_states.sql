-- Which thresholds were crossed, and since when? One row per change of a measure's state, renewed by
-- each run while the state lasts. Natural key: measure, since_us. direction: 'above' or 'below'.
-- is_due: the change is worth telling (a first look that finds nothing is none); published_us: when
-- the topic took it, NULL where it has not.
CREATE TABLE IF NOT EXISTS alert_states (
    measure VARCHAR,
    since_us BIGINT,
    observed_us BIGINT,
    value DOUBLE,
    threshold DOUBLE,
    direction VARCHAR,
    is_raised BOOLEAN,
    words VARCHAR,
    is_due BOOLEAN,
    published_us BIGINT,
    day DATE
);
