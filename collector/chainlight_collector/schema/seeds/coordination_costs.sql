-- Is it expensive for two owners to agree on a change? One row per pair, in either order.
CREATE TABLE IF NOT EXISTS coordination_costs (
    owner_a VARCHAR,
    owner_b VARCHAR,
    is_expensive BOOLEAN
);
