-- Which invocations does the chain have, depth first? One row per invocation.
SELECT * FROM chain_timeline WHERE chain_id = $chain_id ORDER BY row
