-- What you set instead: one row per setting of your own.
CREATE TABLE IF NOT EXISTS threshold_overrides (
    name VARCHAR,
    value DOUBLE
);
