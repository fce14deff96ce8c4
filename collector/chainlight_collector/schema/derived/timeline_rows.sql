-- In which order a chain is drawn: one row per invocation of a chain and per callee never seen,
-- depth first, row from 0. parent_row is NULL for entries. Times are those of all its attempts.
-- recursion_depth: how many of its ancestors are the same function. place: the same text for the same
-- step of all chains of one shape (path of names, and the how-manieth of its kind).
CREATE TABLE IF NOT EXISTS timeline_rows (
    chain_id VARCHAR,
    row INTEGER,
    parent_row INTEGER,
    depth INTEGER,
    function_name VARCHAR,
    request_id VARCHAR,
    call_id VARCHAR,
    edge_kind VARCHAR,
    sent_us BIGINT,
    started_us BIGINT,
    ended_us BIGINT,
    attempts_count INTEGER,
    status VARCHAR,
    node_kind VARCHAR,
    orphaned_us BIGINT,
    is_on_critical_path BOOLEAN,
    day DATE,
    recursion_depth INTEGER,
    place VARCHAR
);
