-- How does membership flow down? Causes without a caller found it; all others inherit their
-- caller's shares, times their weight. Parts below 1e-12 are dropped, which ends every cycle.
CREATE OR REPLACE TEMP TABLE flows AS
WITH RECURSIVE flow AS (
    SELECT * FROM (
        SELECT
            function_name, request_id, chain_id, SUM(weight) AS share, 0 AS depth
        FROM moved_causes
        WHERE caller_request_id IS NULL
        GROUP BY function_name, request_id, chain_id
        UNION ALL
        SELECT
            c.function_name, c.request_id, m.chain_id, SUM(c.weight * m.share) AS share,
            m.depth + 1 AS depth
        FROM moved_causes AS c
        INNER JOIN member_rows AS m
            ON m.request_id = c.caller_request_id AND m.function_name = c.caller_function
            AND m.attempt_number = 1
        GROUP BY c.function_name, c.request_id, m.chain_id, m.depth
    )
    UNION ALL
    SELECT
        c.function_name, c.request_id, f.chain_id, SUM(c.weight * f.share) AS share,
        f.depth + 1 AS depth
    FROM flow AS f
    INNER JOIN moved_causes AS c
        ON c.caller_request_id = f.request_id AND c.caller_function = f.function_name
    WHERE f.share > 1e-12 AND f.depth < 1000
    GROUP BY c.function_name, c.request_id, f.chain_id, f.depth
)
SELECT function_name, request_id, chain_id, SUM(share) AS share, MIN(depth) AS depth
FROM flow
GROUP BY function_name, request_id, chain_id;

CREATE OR REPLACE TEMP TABLE unreached AS
SELECT i.function_name, i.request_id
FROM moved_invocations AS i
ANTI JOIN flows AS f ON f.request_id = i.request_id AND f.function_name = i.function_name;
