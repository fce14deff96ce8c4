-- Whose chains may have changed? Everything reachable from the affected invocations.
CREATE OR REPLACE TEMP TABLE moved_requests AS
WITH RECURSIVE downstream AS (
    SELECT request_id FROM affected_requests
    UNION
    SELECT l.callee_request_id AS request_id
    FROM downstream AS d
    INNER JOIN link_rows AS l ON l.caller_request_id = d.request_id
)
SELECT request_id FROM downstream;

CREATE OR REPLACE TEMP TABLE moved_chains AS
SELECT DISTINCT chain_id FROM member_rows
WHERE request_id IN (SELECT request_id FROM moved_requests);

DELETE FROM member_rows WHERE request_id IN (SELECT request_id FROM moved_requests);

-- One row per moved invocation, with the chain it would found if nobody had caused it: its record's,
-- else the X-Ray root of its platform lines, else one made of its start and its key.
CREATE OR REPLACE TEMP TABLE moved_invocations AS
SELECT
    function_name,
    request_id,
    COALESCE(
        MIN_BY(recorded_chain_id, attempt_number),
        MIN_BY(trace_root, attempt_number),
        '1-' || LOWER(LPAD(TO_HEX(COALESCE(MIN(started_us), 0) // 1000000), 8, '0'))
        || '-' || LOWER(LEFT(MD5(function_name || ' ' || request_id), 24))
    ) AS own_chain_id
FROM node_rows
WHERE request_id IN (SELECT request_id FROM moved_requests)
GROUP BY function_name, request_id;

CREATE OR REPLACE TEMP TABLE moved_causes AS
SELECT
    c.function_name,
    c.request_id,
    c.weight,
    COALESCE(c.chain_id, i.own_chain_id) AS chain_id,
    i.own_chain_id,
    w.function_name AS caller_function,
    w.request_id AS caller_request_id
FROM cause_rows AS c
INNER JOIN moved_invocations AS i
    ON i.request_id = c.request_id AND i.function_name = c.function_name
LEFT JOIN (
    SELECT DISTINCT function_name, request_id
    FROM node_rows
    WHERE request_id IN (
        SELECT caller_request_id FROM cause_rows
        WHERE request_id IN (SELECT request_id FROM moved_requests)
    )
) AS w
    ON w.function_name = c.caller_function AND w.request_id = CASE
        WHEN c.call_id IS NOT NULL AND c.caller_request_id <> c.request_id THEN c.caller_request_id
    END;
