-- What if invocations only cause each other? Those on such a cycle count as entries of their own.
CREATE OR REPLACE TEMP TABLE cyclic AS
WITH RECURSIVE inner_links AS (
    SELECT DISTINCT
        c.caller_function, c.caller_request_id, c.function_name, c.request_id
    FROM moved_causes AS c
    SEMI JOIN unreached AS a
        ON a.request_id = c.request_id AND a.function_name = c.function_name
    SEMI JOIN unreached AS b
        ON b.request_id = c.caller_request_id AND b.function_name = c.caller_function
),

reach AS (
    SELECT * FROM inner_links
    UNION
    SELECT r.caller_function, r.caller_request_id, l.function_name, l.request_id
    FROM reach AS r
    INNER JOIN inner_links AS l
        ON l.caller_request_id = r.request_id AND l.caller_function = r.function_name
)
SELECT DISTINCT function_name, request_id
FROM reach
WHERE request_id = caller_request_id AND function_name = caller_function;

UPDATE moved_causes
SET caller_request_id = NULL, caller_function = NULL, chain_id = own_chain_id
WHERE (function_name, request_id) IN (SELECT (function_name, request_id) FROM cyclic);

DROP TABLE cyclic;
