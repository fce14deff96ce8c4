-- In which order a chain is drawn: one row per invocation of a chain and per callee never seen,
-- depth first, row from 0. parent_row is NULL for entries. Times are those of all its attempts.
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
    orphaned_us BIGINT,
    is_on_critical_path BOOLEAN,
    day DATE
);
