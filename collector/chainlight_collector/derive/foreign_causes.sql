-- Which calls do X-Ray and workflow histories propose for the affected invocations? One row per
-- invocation, cause and call. 4: ran within a task of an execution that names its function and no
-- request id. 5: the segment above (or a linked one) belongs to the call; where the caller's own
-- record tells of it, that call, by its time. 6: the last call before it in the same trace that may
-- have reached it, for a function without a record. Names and times may be off by 50 ms.
CREATE OR REPLACE TEMP TABLE foreign_proposals AS
WITH shown AS (
    SELECT trace_id, node_id, parent_id, linked_nodes, request_id
    FROM xray_node_rows
    WHERE request_id IN (SELECT request_id FROM affected_requests) AND node_id = owner_id
        AND (service <> 'function' OR invocation_id IS NULL)
),

above AS (
    SELECT
        request_id, trace_id, node_id, 0 AS cause_index, trace_id AS from_trace_id,
        parent_id AS from_node_id
    FROM shown
    UNION ALL
    SELECT
        request_id, trace_id, node_id,
        ROW_NUMBER() OVER (PARTITION BY request_id ORDER BY linked_node) - 1 AS cause_index,
        SPLIT_PART(linked_node, '/', 1) AS from_trace_id,
        SPLIT_PART(linked_node, '/', 2) AS from_node_id
    FROM (SELECT *, UNNEST(linked_nodes) AS linked_node FROM shown WHERE parent_id IS NULL)
),

proposed AS (
    SELECT
        a.request_id,
        a.cause_index,
        COALESCE(p.trace_id || '/' || p.call_node_id, a.trace_id || '/' || a.node_id) AS call_id,
        p.request_id AS caller_request_id,
        s.started_us AS sent_us,
        xray_kind_of(s.name, s.namespace, s.operation) AS kind
    FROM above AS a
    INNER JOIN xray_node_rows AS p
        ON p.trace_id = a.from_trace_id AND p.node_id = a.from_node_id
    LEFT JOIN xray_node_rows AS s ON s.trace_id = p.trace_id AND s.node_id = p.call_node_id
    WHERE p.request_id IS NOT NULL AND p.request_id <> a.request_id
),

by_parent AS (
    SELECT
        p.request_id,
        p.cause_index,
        c.call_id,
        ROW_NUMBER() OVER (
            PARTITION BY p.request_id, p.cause_index
            ORDER BY c.call_id = p.call_id DESC, ABS(c.started_us - p.sent_us), c.call_id
        ) AS choice
    FROM proposed AS p
    INNER JOIN call_rows AS c
        ON c.caller_request_id = p.caller_request_id
    WHERE c.call_id = p.call_id OR (
        c.kind = p.kind AND ABS(c.started_us - p.sent_us) <= 50000
    )
),

invocations AS (
    SELECT
        function_name,
        request_id,
        MIN(started_us) AS started_us,
        MAX(ended_us) AS ended_us,
        MAX(trace_root) AS trace_root,
        BOOL_OR(has_record) AS has_record
    FROM since('attempt_rows', getvariable('affected_from_us'))
    WHERE request_id IN (SELECT request_id FROM affected_requests)
    GROUP BY function_name, request_id
),

nameless_tasks AS (
    SELECT
        COALESCE(c.call_id, t.execution_arn || '#' || t.scheduled_id) AS call_id,
        COALESCE(NULLIF(REGEXP_EXTRACT(t.target, ':function:([^:]+)', 1), ''), t.target)
            AS function_name,
        t.scheduled_us,
        t.ended_us
    FROM (
        SELECT *, natural_keys[1] AS operation_key
        FROM execution_task_rows
        WHERE kind = 'lambda' AND LEN(LIST_FILTER(
            natural_keys, lambda each: NOT STARTS_WITH(each, execution_arn || '#')
        )) = 0
    ) AS t
    LEFT JOIN (
        SELECT call_id, UNNEST(natural_keys) AS natural_key FROM call_rows
        WHERE kind = 'durable' AND NOT CONTAINS(call_id, '#')
    ) AS c ON c.natural_key = t.operation_key
),

by_task AS (
    SELECT
        i.request_id,
        t.call_id,
        ROW_NUMBER() OVER (
            PARTITION BY i.function_name, i.request_id ORDER BY t.scheduled_us DESC, t.call_id
        ) AS choice
    FROM invocations AS i
    INNER JOIN nameless_tasks AS t
        ON t.function_name = i.function_name AND t.scheduled_us <= i.started_us + 50000
        AND t.ended_us >= i.ended_us - 50000
),

roots AS (
    SELECT trace_root, request_id FROM attempt_rows
    WHERE trace_root IN (SELECT trace_root FROM invocations WHERE NOT has_record)
    UNION
    SELECT recorded_chain_id AS trace_root, request_id FROM attempt_rows
    WHERE recorded_chain_id IN (SELECT trace_root FROM invocations WHERE NOT has_record)
),

by_root AS (
    SELECT
        i.request_id,
        c.call_id,
        ROW_NUMBER() OVER (
            PARTITION BY i.function_name, i.request_id ORDER BY c.started_us DESC, c.call_id
        ) AS choice
    FROM invocations AS i
    INNER JOIN roots AS r ON r.trace_root = i.trace_root AND r.request_id <> i.request_id
    INNER JOIN call_rows AS c
        ON c.caller_request_id = r.request_id AND c.started_us <= i.started_us + 50000
    WHERE NOT i.has_record AND (
        c.kind IN ('sns', 'eventbridge', 's3', 'stepfunctions')
        OR (c.kind = 'lambda' AND c.target_name = i.function_name AND LEN(c.natural_keys) = 0)
    )
)

SELECT n.function_name, p.request_id, CAST(p.cause_index AS INTEGER) AS cause_index, p.call_id,
    p.evidence_rank
FROM (
    SELECT request_id, cause_index, call_id, 5 AS evidence_rank FROM by_parent WHERE choice = 1
    UNION ALL
    SELECT request_id, 0 AS cause_index, call_id, 4 AS evidence_rank FROM by_task WHERE choice = 1
    UNION ALL
    SELECT request_id, 0 AS cause_index, call_id, 6 AS evidence_rank FROM by_root WHERE choice = 1
) AS p
INNER JOIN (
    SELECT DISTINCT function_name, request_id FROM since('node_rows', getvariable('affected_from_us'))
    WHERE request_id IN (SELECT request_id FROM affected_requests)
) AS n ON n.request_id = p.request_id;

-- How many causes has an invocation without a record? One row per trace that its segment links to.
CREATE OR REPLACE TEMP TABLE foreign_told AS
SELECT DISTINCT n.function_name, x.request_id, CAST(x.cause_index AS INTEGER) AS cause_index
FROM (
    SELECT request_id, UNNEST(RANGE(LEN(linked_nodes))) AS cause_index
    FROM xray_node_rows
    WHERE request_id IN (SELECT request_id FROM affected_requests) AND node_id = owner_id
        AND parent_id IS NULL AND LEN(linked_nodes) > 0
) AS x
INNER JOIN node_rows AS n ON n.request_id = x.request_id;
