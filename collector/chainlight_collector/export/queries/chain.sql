-- Which chain is exported? One row.
SELECT * FROM chains WHERE chain_id = $chain_id
