-- What is painted on each row of the waterfall? One row per segment. Times in microseconds.
-- columns: chain_id, row, kind, started_us, ended_us, attempt_number
SELECT chain_id, row, kind, started_us, ended_us, attempt_number
FROM chain_segments
WHERE chain_id = $chain_id
ORDER BY row, started_us, attempt_number
