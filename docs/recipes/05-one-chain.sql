-- What happened in one chain, row by row?
SELECT t.row, t.depth, t.function_name, t.edge_kind, t.status, t.attempts_count,
    t.started_us - c.started_us AS offset_us, t.ended_us - t.started_us AS duration_us
FROM chain_timeline AS t
INNER JOIN (SELECT chain_id, started_us FROM chains ORDER BY started_us DESC LIMIT 1) AS c
    ON c.chain_id = t.chain_id
ORDER BY t.row;
