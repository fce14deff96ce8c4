-- In which order is a chain drawn? One row per invocation (its attempts share it) and per callee
-- never seen, depth first; an execution of a workflow, a request of an API or of another service
-- that set off work has a row too (node_kind). Times in epoch microseconds. edge_kind: how it was reached ('sync' and
-- 'async' are direct invokes; an entry shows its source). status: 'ok', 'error', 'timeout', 'crash',
-- 'throttled', 'unknown', 'running' (no end read yet), 'missing' (called, but no log of it yet).
CREATE OR REPLACE VIEW chain_timeline AS
SELECT
    chain_id,
    row,
    parent_row,
    depth,
    function_name,
    request_id,
    edge_kind,
    sent_us,
    started_us,
    ended_us,
    attempts_count,
    status,
    is_on_critical_path,
    call_id,
    orphaned_us,
    COALESCE(node_kind, 'function') AS node_kind,
    day
FROM timeline_rows;
