-- What you pay instead: one row per item, region, architecture, tier and period of your own; a row
-- here hides every seed of the same item, region and architecture.
CREATE TABLE IF NOT EXISTS price_overrides (
    item VARCHAR,
    region VARCHAR,
    arch VARCHAR,
    tier_from DOUBLE,
    unit VARCHAR,
    price_usd DOUBLE,
    valid_from DATE,
    valid_to DATE
);
