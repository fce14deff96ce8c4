-- What is painted on each row of the chain? One row per piece of a bar.
SELECT * FROM chain_segments WHERE chain_id = $chain_id ORDER BY row, started_us, ended_us
