-- Which call does each cause of an affected invocation come from? Every kind of evidence proposes
-- calls, the strongest wins: 1 request_id, 2 call_id, 3 message_id, 4 execution, 5 xray_parent,
-- 6 trace_root, 7 inferred. A key that is another invocation's request id comes from a destination or
-- a dead-letter queue: that invocation failed, and its failure is the cause.
-- Keys that repeat (DynamoDB's) are no evidence by themselves: item_writes.sql has proposed for them.
-- In: affected_requests, record_causes, call_rows, attempt_rows, service_rows, the proposals of
-- item_writes.sql and foreign_causes.sql. Out: cause_rows; for links.sql new_causes (with what the call
-- and the invocation were), affected_invocations, call_keys.

CREATE OR REPLACE TEMP TABLE affected_invocations AS
WITH ran AS MATERIALIZED (
    SELECT
        function_name, request_id, attempt_number, started_us, day, has_record,
        node_kind = 'function' AS is_function,
        CASE WHEN node_kind = 'function' THEN source_kind END AS source_kind
    FROM since('node_rows', getvariable('affected_from_us'))
    WHERE request_id IN (SELECT request_id FROM affected_requests)
),

again AS (SELECT request_id FROM ran WHERE attempt_number > 1)

SELECT function_name, request_id, started_us, day, has_record, is_function, source_kind
FROM ran
ANTI JOIN again USING (request_id)
UNION ALL
SELECT
    function_name, request_id, MIN(started_us) AS started_us, MIN(day) AS day,
    BOOL_OR(has_record) AS has_record, BOOL_OR(is_function) AS is_function,
    MAX(source_kind) AS source_kind
FROM ran
SEMI JOIN again USING (request_id)
GROUP BY function_name, request_id;

CREATE OR REPLACE TEMP TABLE known_causes AS
WITH told AS MATERIALIZED (
    SELECT
        function_name, request_id, record_started_us, cause_index, chain_id, call_id,
        caller_request_id, natural_keys, sent_us
    FROM record_causes
    WHERE record_started_us >= getvariable('affected_from_us')
        AND request_id IN (SELECT request_id FROM affected_requests)
    UNION ALL BY NAME
    SELECT f.*
    FROM foreign_told AS f
    ANTI JOIN record_causes AS r
        ON r.request_id = f.request_id AND r.function_name = f.function_name
),

-- One cause is the rule: only where more is told of a request it is counted and put in order.
more AS (SELECT request_id FROM told GROUP BY request_id HAVING COUNT(*) > 1),

several AS (
    SELECT *, 1.0 / COUNT(*) OVER (PARTITION BY function_name, request_id) AS weight
    FROM (
        SELECT *, ROW_NUMBER() OVER (
            PARTITION BY function_name, request_id, cause_index ORDER BY record_started_us
        ) AS choice
        FROM told
        SEMI JOIN more USING (request_id)
    )
    WHERE choice = 1
),

weighed AS (
    SELECT *, 1.0 AS weight FROM told ANTI JOIN more USING (request_id)
    UNION ALL BY NAME
    SELECT * EXCLUDE (choice) FROM several
)

SELECT
    ROW_NUMBER() OVER () AS cause,
    i.function_name,
    i.request_id,
    COALESCE(t.cause_index, 0) AS cause_index,
    CAST(COALESCE(t.weight, 1.0) AS DOUBLE) AS weight,
    t.chain_id,
    t.call_id AS told_call_id,
    t.caller_request_id AS told_caller_request_id,
    COALESCE(t.natural_keys, []) AS natural_keys,
    t.sent_us,
    i.started_us,
    i.day,
    i.has_record,
    i.is_function,
    i.source_kind
FROM affected_invocations AS i
LEFT JOIN weighed AS t
    ON t.request_id = i.request_id AND t.function_name = i.function_name;

CREATE OR REPLACE TEMP TABLE cause_keys AS
SELECT cause, request_id, request_id AS natural_key, 1 AS evidence_rank FROM known_causes
UNION ALL
SELECT cause, request_id, UNNEST(natural_keys) AS natural_key, 3 AS evidence_rank
FROM known_causes
WHERE LEN(natural_keys) > 0;

CREATE OR REPLACE TEMP TABLE call_keys AS
SELECT call_id, kind, natural_key, started_us
FROM (
    SELECT call_id, kind, started_us, UNNEST(natural_keys) AS natural_key
    FROM call_rows
    WHERE kind <> 'dynamodb'
)
WHERE natural_key IN (
    SELECT natural_key FROM cause_keys WHERE evidence_rank = 3
    UNION ALL
    SELECT request_id FROM affected_requests
);

-- Who is named as a caller, or as an invocation whose failure was the cause? They may have begun at any
-- time: one look for both.
CREATE OR REPLACE TEMP TABLE callers AS
SELECT
    request_id, MIN(function_name) AS function_name,
    MIN(function_name) FILTER (WHERE node_kind = 'function') AS failed_function
FROM node_rows
WHERE request_id IN (
    SELECT told_caller_request_id FROM known_causes
    UNION
    SELECT natural_key FROM cause_keys WHERE evidence_rank = 3
)
GROUP BY request_id;

CREATE OR REPLACE TEMP TABLE proposals AS
SELECT
    c.cause,
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
SELECT cause, told_call_id AS call_id, 2 AS evidence_rank
FROM known_causes
WHERE told_call_id IS NOT NULL
UNION ALL BY NAME
SELECT k.cause, p.call_id, p.evidence_rank
FROM (
    SELECT *, 7 AS evidence_rank FROM item_proposals
    UNION ALL BY NAME
    SELECT * FROM foreign_proposals
) AS p
INNER JOIN known_causes AS k
    ON k.request_id = p.request_id AND k.function_name = p.function_name
    AND k.cause_index = p.cause_index
UNION ALL BY NAME
SELECT
    c.cause, f.request_id AS call_id, f.failed_function, f.request_id AS failed_request_id,
    1 AS evidence_rank
FROM cause_keys AS c
INNER JOIN callers AS f ON f.request_id = c.natural_key
WHERE c.evidence_rank = 3 AND c.natural_key <> c.request_id AND f.failed_function IS NOT NULL;

-- Since when may those calls have been made? Those by key have their time; one that is told in band was
-- made before its carrier noted the message, or, direct, within a day. Others may be of any time.
SET VARIABLE called_from_us = (
    SELECT MIN(made_us)
    FROM (
        SELECT MIN(started_us) AS made_us FROM call_keys
        UNION ALL
        SELECT MIN(CASE
            WHEN sent_us IS NOT NULL THEN sent_us
            WHEN source_kind = 'lambda' THEN started_us
            ELSE -4611686018427387904
        END) FROM known_causes
        WHERE told_call_id IS NOT NULL
        UNION ALL
        SELECT getvariable('written_from_us')
        UNION ALL
        SELECT CASE WHEN COUNT(*) > 0 THEN -4611686018427387904 END FROM foreign_proposals
    )
) - 86400000000;

-- Nearly always all evidence names one call; where it does not, calls are put in order.
CREATE OR REPLACE TEMP TABLE new_causes AS
WITH named AS (
    SELECT
        cause, call_id, MIN(evidence_rank) AS evidence_rank,
        MIN(failed_function) AS failed_function, MIN(failed_request_id) AS failed_request_id
    FROM proposals
    GROUP BY cause, call_id
),

joined AS MATERIALIZED (
    SELECT
        k.*,
        p.call_id,
        p.evidence_rank,
        COALESCE(c.caller_function, p.failed_function) AS caller_function,
        COALESCE(c.caller_request_id, p.failed_request_id) AS caller_request_id,
        c.caller_attempt_number,
        c.kind AS call_kind,
        c.mode AS call_mode,
        c.started_us AS call_started_us,
        COALESCE(c.outcome NOT IN ('open', 'timeout') AND (
            c.kind <> 'lambda' OR LEN(c.natural_keys) = 0
            OR LIST_CONTAINS(c.natural_keys, k.request_id)
        ), FALSE) AS is_answered
    FROM known_causes AS k
    INNER JOIN named AS p ON p.cause = k.cause
    LEFT JOIN since('call_rows', getvariable('called_from_us')) AS c ON c.call_id = p.call_id
    WHERE NOT COALESCE(
        c.caller_request_id = k.request_id AND c.caller_function = k.function_name, FALSE
    )
),

disputed AS (SELECT cause FROM joined GROUP BY cause HAVING COUNT(*) > 1),

settled AS (
    SELECT *, 1 AS choice FROM joined ANTI JOIN disputed USING (cause)
    UNION ALL
    SELECT *, ROW_NUMBER() OVER (
        PARTITION BY cause
        ORDER BY evidence_rank, CONTAINS(call_id, '#') DESC, call_started_us NULLS LAST, call_id
    ) AS choice
    FROM joined
    SEMI JOIN disputed USING (cause)
)

SELECT * EXCLUDE (choice) FROM settled WHERE choice = 1
UNION ALL BY NAME
SELECT * FROM known_causes ANTI JOIN joined USING (cause);

DELETE FROM cause_rows
WHERE started_us >= getvariable('affected_from_us') AND request_id IN (SELECT request_id FROM affected_requests);
DELETE FROM cause_rows
WHERE is_timeless(started_us) AND request_id IN (SELECT request_id FROM affected_requests);
INSERT INTO cause_rows BY NAME
SELECT
    n.function_name,
    n.request_id,
    n.cause_index,
    n.weight,
    n.chain_id,
    n.call_id,
    COALESCE(n.caller_function, w.function_name) AS caller_function,
    COALESCE(n.caller_request_id, n.told_caller_request_id) AS caller_request_id,
    ['request_id', 'call_id', 'message_id', 'execution', 'xray_parent', 'trace_root', 'inferred'][
        n.evidence_rank
    ] AS evidence,
    n.evidence_rank,
    n.sent_us,
    CASE
        WHEN NOT n.is_function THEN NULL
        WHEN n.call_id IS NOT NULL THEN 'linked'
        WHEN NOT n.has_record OR n.told_caller_request_id IS NOT NULL
            OR n.source_kind IN ('sqs', 'sns', 'kinesis', 'dynamodb', 'destination') THEN 'lost'
        ELSE 'entry'
    END AS linkage,
    n.day,
    n.started_us
FROM new_causes AS n
LEFT JOIN callers AS w
    ON w.request_id = CASE
        WHEN n.caller_request_id IS NULL AND n.call_id IS NOT NULL THEN n.told_caller_request_id
    END
ORDER BY n.started_us;

DROP TABLE known_causes;
DROP TABLE cause_keys;
DROP TABLE proposals;
DROP TABLE item_proposals;
DROP TABLE foreign_proposals;
DROP TABLE foreign_told;
