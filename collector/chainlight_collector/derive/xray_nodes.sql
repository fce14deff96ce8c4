-- What do the traces show that new segments belong to? One row per segment and subsegment of the
-- best version of each document: complete before in progress, then the latest end, then the longest.
-- Whose segment a node is in is found upwards, 200 levels at most: ids may point in a circle.
CREATE OR REPLACE TEMP MACRO segment_of(document) AS from_json(document, '{
    "id": "VARCHAR", "name": "VARCHAR", "origin": "VARCHAR", "namespace": "VARCHAR",
    "type": "VARCHAR", "start_time": "DOUBLE", "end_time": "DOUBLE", "in_progress": "BOOLEAN",
    "inferred": "BOOLEAN", "error": "BOOLEAN", "fault": "BOOLEAN", "throttle": "BOOLEAN",
    "resource_arn": "VARCHAR", "cause": "JSON", "links": [{"id": "VARCHAR", "trace_id": "VARCHAR"}],
    "http": {"request": {"url": "VARCHAR"}, "response": {"status": "INTEGER"}},
    "aws": {
        "request_id": "VARCHAR", "operation": "VARCHAR", "function_arn": "VARCHAR",
        "function_name": "VARCHAR", "invocation_type": "VARCHAR", "queue_url": "VARCHAR",
        "message_id": "VARCHAR", "topic_arn": "VARCHAR", "table_name": "VARCHAR",
        "bucket_name": "VARCHAR", "stream_name": "VARCHAR", "state_machine_arn": "VARCHAR",
        "event_bus_name": "VARCHAR", "retries": "INTEGER", "resource_arn": "VARCHAR",
        "api_gateway": {"request_id": "VARCHAR"}
    },
    "subsegments": ["JSON"]
}');

CREATE OR REPLACE TEMP MACRO us_of_epoch(epoch_s) AS CASE
    WHEN epoch_s BETWEEN 0 AND 4102444800 THEN CAST(ROUND(epoch_s * 1000000) AS BIGINT)
END;

CREATE OR REPLACE TEMP TABLE read_nodes AS
WITH RECURSIVE newest AS (
    SELECT
        trace_id,
        parent_id,
        CAST(document AS JSON) AS document,
        ROW_NUMBER() OVER (
            PARTITION BY trace_id, segment_id
            ORDER BY
                is_in_progress, ended_us DESC NULLS LAST, LENGTH(document) DESC, document_sha256
        ) AS choice
    FROM xray_segments
    WHERE trace_id IN (SELECT trace_id FROM touched_traces)
),

walked AS (
    SELECT trace_id, parent_id, TRUE AS is_document, segment_of(document) AS d
    FROM newest
    WHERE choice = 1
    UNION ALL
    SELECT trace_id, parent_id, FALSE AS is_document, segment_of(document) AS d
    FROM (
        SELECT trace_id, d.id AS parent_id, UNNEST(d.subsegments) AS document
        FROM walked
        WHERE LEN(d.subsegments) > 0
    )
),

ranked AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY trace_id, d.id
            ORDER BY
                COALESCE(d.in_progress, FALSE), d.end_time DESC NULLS LAST, is_document DESC,
                parent_id
        ) AS choice
    FROM walked
    WHERE d.id IS NOT NULL AND us_of_epoch(d.start_time) IS NOT NULL
)
SELECT
    trace_id,
    d.id AS node_id,
    parent_id,
    d,
    us_of_epoch(d.start_time) AS started_us,
    us_of_epoch(d.end_time) AS ended_us,
    COALESCE(d.inferred, FALSE) AS is_inferred,
    is_document AND COALESCE(d.type, '') <> 'subsegment' AND NOT COALESCE(d.inferred, FALSE)
        AS is_owner
FROM ranked
WHERE choice = 1;

CREATE OR REPLACE TEMP TABLE node_owners AS
WITH RECURSIVE upwards AS (
    SELECT
        trace_id, node_id, node_id AS reached_id, parent_id, is_owner, 0 AS level,
        CASE WHEN d.namespace IN ('aws', 'remote') AND NOT is_owner AND NOT is_inferred THEN node_id END AS call_node_id
    FROM read_nodes
    UNION ALL
    SELECT
        u.trace_id, u.node_id, p.node_id AS reached_id, p.parent_id, p.is_owner, u.level + 1,
        COALESCE(u.call_node_id, CASE
            WHEN p.d.namespace IN ('aws', 'remote') AND NOT p.is_owner AND NOT p.is_inferred
                THEN p.node_id
        END)
    FROM upwards AS u
    INNER JOIN read_nodes AS p ON p.trace_id = u.trace_id AND p.node_id = u.parent_id
    WHERE NOT u.is_owner AND u.level < 200
)
SELECT trace_id, node_id, reached_id AS owner_id, call_node_id FROM upwards WHERE is_owner;

-- The invocation of each function's segment: AWS::Lambda above it knows the request, "Attempt #2"
-- between the two the number. Each AWS::Lambda is an invocation of its own.
CREATE OR REPLACE TEMP TABLE node_invocations AS
SELECT
    f.trace_id,
    f.node_id,
    COALESCE(s.d.aws.request_id, f.d.aws.request_id) AS request_id,
    s.node_id AS invocation_id,
    COALESCE(TRY_CAST(REGEXP_EXTRACT(a.d.name, '^Attempt #(\d+)$', 1) AS INTEGER), 1)
        AS attempt_number
FROM read_nodes AS f
LEFT JOIN read_nodes AS a
    ON a.trace_id = f.trace_id AND a.node_id = f.parent_id AND STARTS_WITH(a.d.name, 'Attempt #')
LEFT JOIN read_nodes AS s
    ON s.trace_id = f.trace_id AND s.node_id = COALESCE(a.parent_id, f.parent_id)
    AND s.d.origin = 'AWS::Lambda'
WHERE f.d.origin = 'AWS::Lambda::Function'
UNION ALL
SELECT trace_id, node_id, d.aws.request_id, node_id AS invocation_id, NULL AS attempt_number
FROM read_nodes
WHERE d.origin = 'AWS::Lambda';

-- Services that set off work of functions: the request of an API stage, the execution of a machine.
CREATE OR REPLACE TEMP TABLE service_keys AS
SELECT
    trace_id,
    node_id,
    COALESCE(d.aws.api_gateway.request_id, CASE
        WHEN d.origin LIKE 'AWS::StepFunctions::%' THEN d.aws.resource_arn
    END, trace_id || '/' || node_id) AS service_key
FROM read_nodes
WHERE is_owner AND COALESCE(d.origin, '') NOT LIKE 'AWS::Lambda%'
    AND trace_id IN (SELECT trace_id FROM node_invocations WHERE request_id IS NOT NULL);

CREATE OR REPLACE TEMP TABLE touched_xray_requests AS
SELECT DISTINCT request_id FROM xray_node_rows
WHERE trace_id IN (SELECT trace_id FROM touched_traces) AND request_id IS NOT NULL;

DELETE FROM xray_node_rows WHERE trace_id IN (SELECT trace_id FROM touched_traces);
INSERT INTO xray_node_rows BY NAME
SELECT
    n.trace_id,
    n.node_id,
    n.parent_id,
    o.owner_id,
    o.call_node_id,
    n.d.name AS name,
    CASE
        WHEN n.d.origin = 'AWS::Lambda' THEN 'lambda'
        WHEN n.d.origin = 'AWS::Lambda::Function' THEN 'function'
        WHEN n.d.origin = 'AWS::Events' THEN 'eventbridge'
        WHEN n.d.origin LIKE 'AWS::%' THEN LOWER(SPLIT_PART(n.d.origin, '::', 2))
        WHEN n.d.origin IS NOT NULL THEN LOWER(n.d.origin)
        WHEN n.is_inferred AND n.d.namespace = 'remote' THEN 'http'
        WHEN n.is_owner THEN 'application'
    END AS service,
    n.d.origin AS origin,
    n.d.namespace AS namespace,
    n.d.aws.operation AS operation,
    COALESCE(
        n.d.aws.function_name, n.d.aws.topic_arn, n.d.aws.queue_url, n.d.aws.stream_name,
        n.d.aws.bucket_name, n.d.aws.state_machine_arn, n.d.aws.event_bus_name, n.d.aws.table_name,
        NULLIF(REGEXP_EXTRACT(n.d.http.request.url, '^https?://([^/?#]+)', 1), '')
    ) AS target,
    COALESCE(n.d.resource_arn, n.d.aws.function_arn, n.d.aws.resource_arn) AS resource_arn,
    CASE
        WHEN i.node_id IS NOT NULL THEN i.request_id
        WHEN k.service_key IS NOT NULL THEN k.service_key
    END AS request_id,
    i.invocation_id,
    i.attempt_number,
    n.started_us,
    CASE WHEN NOT COALESCE(n.d.in_progress, FALSE) THEN n.ended_us END AS ended_us,
    COALESCE(n.d.in_progress, n.ended_us IS NULL) AS is_in_progress,
    n.is_inferred,
    COALESCE(n.d.error, FALSE) AS is_error,
    COALESCE(n.d.fault, FALSE) AS is_fault,
    COALESCE(n.d.throttle, FALSE) AS is_throttle,
    n.d.http.response.status AS status_code,
    n.d.aws.retries AS retries_count,
    n.d.cause->>'$.exceptions[0].type' AS error_type,
    LIST_FILTER(
        CASE
            WHEN n.d.origin LIKE 'AWS::ApiGateway::%' THEN [n.d.aws.api_gateway.request_id]
            WHEN n.d.origin LIKE 'AWS::StepFunctions::%' THEN [n.d.aws.resource_arn]
            WHEN n.d.aws.message_id IS NOT NULL THEN [n.d.aws.message_id]
            WHEN n.d.namespace = 'aws' THEN [n.d.aws.request_id]
            ELSE []
        END, lambda each: each IS NOT NULL
    ) AS natural_keys,
    LIST_TRANSFORM(n.d.links, lambda each: each.trace_id || '/' || each.id) AS linked_nodes,
    COALESCE(n.d.aws.invocation_type = 'Event' OR (
        n.d.origin = 'AWS::Lambda' AND n.d.http.response.status = 202
    ), FALSE) AS is_event_invoke,
    CAST(make_timestamp(n.started_us) AS DATE) AS day
FROM read_nodes AS n
LEFT JOIN node_owners AS o ON o.trace_id = n.trace_id AND o.node_id = n.node_id
LEFT JOIN node_invocations AS i
    ON i.trace_id = n.trace_id AND i.node_id = COALESCE(o.owner_id, n.node_id)
LEFT JOIN service_keys AS k
    ON k.trace_id = n.trace_id AND k.node_id = COALESCE(o.owner_id, n.node_id)
ORDER BY n.trace_id, n.started_us;

INSERT INTO touched_xray_requests
SELECT DISTINCT request_id FROM xray_node_rows
WHERE trace_id IN (SELECT trace_id FROM touched_traces) AND request_id IS NOT NULL
EXCEPT
SELECT request_id FROM touched_xray_requests;

DROP TABLE read_nodes;
DROP TABLE service_keys;
DROP TABLE node_owners;
DROP TABLE node_invocations;
