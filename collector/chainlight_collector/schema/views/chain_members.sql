-- Which chains does an execution belong to? One row per chain and attempt. Shares of one attempt
-- over all its chains add up to 1; depth counts links from the entry.
CREATE OR REPLACE VIEW chain_members AS
SELECT chain_id, function_name, request_id, attempt_number, share, depth, day
FROM member_rows
WHERE node_kind = 'function';
