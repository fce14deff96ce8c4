-- What if invocations only cause each other? Those on such a cycle count as entries of their own.
-- In: unreached, moved_causes, moved_invocations. Out: moved_causes.
CREATE OR REPLACE TEMP TABLE cyclic AS
WITH RECURSIVE inner_links AS (
    SELECT DISTINCT caller, invocation
    FROM moved_causes
    WHERE invocation IN (SELECT invocation FROM unreached)
        AND caller IN (SELECT invocation FROM unreached)
),

reach AS (
    SELECT * FROM inner_links
    UNION
    SELECT r.caller, l.invocation
    FROM reach AS r
    INNER JOIN inner_links AS l ON l.caller = r.invocation
)
SELECT DISTINCT invocation FROM reach WHERE invocation = caller;

UPDATE moved_causes
SET
    caller = NULL, outside_function = NULL, outside_request_id = NULL,
    chain_id = i.own_chain_id
FROM moved_invocations AS i
WHERE i.invocation = moved_causes.invocation
    AND moved_causes.invocation IN (SELECT invocation FROM cyclic);

DROP TABLE cyclic;
