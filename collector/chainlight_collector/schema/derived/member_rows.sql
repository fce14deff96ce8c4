-- Which chains an attempt belongs to: one row per chain and attempt.
-- share: by it the attempt's cost is divided; over all chains of one attempt it adds up to 1.
-- started_us: the attempt's; joining by it too lets a point query skip all other times.
-- depth: links between it and the chain's entry, the shortest way.
CREATE TABLE IF NOT EXISTS member_rows (
    chain_id VARCHAR,
    function_name VARCHAR,
    request_id VARCHAR,
    attempt_number INTEGER,
    node_kind VARCHAR,
    share DOUBLE,
    depth INTEGER,
    day DATE,
    started_us BIGINT
);
