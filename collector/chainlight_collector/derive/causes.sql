-- Which call does each cause of an affected invocation come from? Every kind of evidence proposes
-- calls, the strongest wins: 1 request_id, 2 call_id, 3 message_id, 4 execution, 5 xray_parent,
-- 6 trace_root, 7 inferred. A key that is another invocation's request id comes from a destination or
-- a dead-letter queue: that invocation failed, and its failure is the cause.
-- Keys that repeat (DynamoDB's) are no evidence by themselves: item_writes.sql has proposed for them.

CREATE OR REPLACE TEMP TABLE affected_invocations AS
SELECT function_name, request_id, MIN(started_us) AS started_us, MIN(day) AS day
FROM node_rows
WHERE request_id IN (SELECT request_id FROM affected_requests)
GROUP BY function_name, request_id;

CREATE OR REPLACE TEMP TABLE known_causes AS
WITH told AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY function_name, request_id, cause_index ORDER BY record_started_us
        ) AS choice
    FROM record_causes
    WHERE request_id IN (SELECT request_id FROM affected_requests)
    UNION ALL BY NAME
    SELECT f.*, 1 AS choice
    FROM foreign_told AS f
    ANTI JOIN record_causes AS r
        ON r.request_id = f.request_id AND r.function_name = f.function_name
),

batches AS (
    SELECT function_name, request_id, COUNT(*) AS causes_count
    FROM told
    WHERE choice = 1
    GROUP BY function_name, request_id
    HAVING COUNT(*) > 1
)
SELECT
    i.function_name,
    i.request_id,
    COALESCE(t.cause_index, 0) AS cause_index,
    1.0 / COALESCE(b.causes_count, 1) AS weight,
    t.chain_id,
    t.call_id AS told_call_id,
    t.caller_request_id AS told_caller_request_id,
    COALESCE(t.natural_keys, []) AS natural_keys,
    t.sent_us,
    i.started_us,
    i.day
FROM affected_invocations AS i
LEFT JOIN told AS t
    ON t.request_id = i.request_id AND t.function_name = i.function_name AND t.choice = 1
LEFT JOIN batches AS b
    ON b.request_id = i.request_id AND b.function_name = i.function_name;

CREATE OR REPLACE TEMP TABLE cause_keys AS
SELECT
    function_name, request_id, cause_index, request_id AS natural_key, 1 AS evidence_rank
FROM known_causes
UNION ALL
SELECT
    function_name, request_id, cause_index, UNNEST(natural_keys) AS natural_key,
    3 AS evidence_rank
FROM known_causes;

CREATE OR REPLACE TEMP TABLE call_keys AS
SELECT call_id, kind, natural_key
FROM (
    SELECT call_id, kind, UNNEST(natural_keys) AS natural_key
    FROM call_rows
    WHERE kind <> 'dynamodb'
)
WHERE natural_key IN (SELECT natural_key FROM cause_keys)
    OR natural_key IN (SELECT request_id FROM affected_requests);

CREATE OR REPLACE TEMP TABLE proposals AS
SELECT
    c.function_name,
    c.request_id,
    c.cause_index,
    k.call_id,
    CAST(NULL AS VARCHAR) AS failed_function,
    CAST(NULL AS VARCHAR) AS failed_request_id,
    CASE
        WHEN CONTAINS(k.call_id, '#') OR k.kind = 'stepfunctions' THEN 4
        WHEN c.evidence_rank = 1 THEN 1
        WHEN k.kind = 'lambda' AND k.natural_key = c.request_id THEN 1
        ELSE 3
    END AS evidence_rank
FROM cause_keys AS c
INNER JOIN call_keys AS k ON k.natural_key = c.natural_key
UNION ALL BY NAME
SELECT function_name, request_id, cause_index, told_call_id AS call_id, 2 AS evidence_rank
FROM known_causes
WHERE told_call_id IS NOT NULL
UNION ALL BY NAME
SELECT *, 7 AS evidence_rank FROM item_proposals
UNION ALL BY NAME
SELECT * FROM foreign_proposals
UNION ALL BY NAME
SELECT
    c.function_name, c.request_id, c.cause_index, f.request_id AS call_id,
    f.function_name AS failed_function, f.request_id AS failed_request_id, 1 AS evidence_rank
FROM cause_keys AS c
INNER JOIN (
    SELECT request_id, MIN(function_name) AS function_name
    FROM attempt_rows
    WHERE request_id IN (SELECT natural_key FROM cause_keys WHERE evidence_rank = 3)
    GROUP BY request_id
) AS f ON f.request_id = c.natural_key
WHERE c.evidence_rank = 3 AND c.natural_key <> c.request_id;

CREATE OR REPLACE TEMP TABLE callers AS
SELECT request_id, MIN(function_name) AS function_name
FROM node_rows
WHERE request_id IN (SELECT told_caller_request_id FROM known_causes)
GROUP BY request_id;

CREATE OR REPLACE TEMP TABLE chosen AS
SELECT function_name, request_id, cause_index, UNNEST(proposal)
FROM (
    SELECT
        p.function_name,
        p.request_id,
        p.cause_index,
        MIN_BY(
            struct_pack(
                call_id := p.call_id,
                evidence_rank := p.evidence_rank,
                caller_function := COALESCE(c.caller_function, p.failed_function),
                caller_request_id := COALESCE(c.caller_request_id, p.failed_request_id)
            ),
            (
                p.evidence_rank, NOT CONTAINS(p.call_id, '#'),
                COALESCE(c.started_us, 4611686018427387904), p.call_id
            )
        ) AS proposal
    FROM proposals AS p
    LEFT JOIN call_rows AS c ON c.call_id = p.call_id
    WHERE NOT COALESCE(
        c.caller_request_id = p.request_id AND c.caller_function = p.function_name, FALSE
    )
    GROUP BY p.function_name, p.request_id, p.cause_index
);

DELETE FROM cause_rows WHERE request_id IN (SELECT request_id FROM affected_requests);
INSERT INTO cause_rows BY NAME
SELECT
    k.function_name,
    k.request_id,
    k.cause_index,
    k.weight,
    k.chain_id,
    h.call_id,
    COALESCE(h.caller_function, w.function_name) AS caller_function,
    COALESCE(h.caller_request_id, k.told_caller_request_id) AS caller_request_id,
    ['request_id', 'call_id', 'message_id', 'execution', 'xray_parent', 'trace_root', 'inferred'][
        h.evidence_rank
    ] AS evidence,
    h.evidence_rank,
    k.sent_us,
    k.day
FROM known_causes AS k
LEFT JOIN chosen AS h
    ON h.request_id = k.request_id AND h.function_name = k.function_name
    AND h.cause_index = k.cause_index
LEFT JOIN callers AS w
    ON w.request_id = CASE
        WHEN h.caller_request_id IS NULL AND h.call_id IS NOT NULL THEN k.told_caller_request_id
    END
ORDER BY k.started_us;

DROP TABLE known_causes;
DROP TABLE cause_keys;
DROP TABLE proposals;
DROP TABLE item_proposals;
DROP TABLE foreign_proposals;
DROP TABLE foreign_told;
DROP TABLE callers;
DROP TABLE chosen;
