-- What the newest version of each trace shows: one row per segment and subsegment, independent
-- ones in their place. Key: trace_id, node_id. owner_id: the nearest segment at or above it that is
-- no inferred one (a function, a stage, a state machine); call_node_id: the nearest subsegment at or
-- above it, below that segment, that calls another service. request_id: of the invocation it belongs
-- to, where an AWS::Lambda segment above says so; else the key of the service (service_rows). service: 'lambda', 'function', 'apigateway',
-- 'stepfunctions', 'appsync', 'sns', 'sqs', 's3', … by origin; NULL for subsegments.
-- ended_us is NULL while in progress. retries_count: boto3's and other SDKs' own repetitions.
CREATE TABLE IF NOT EXISTS xray_node_rows (
    trace_id VARCHAR,
    node_id VARCHAR,
    parent_id VARCHAR,
    owner_id VARCHAR,
    call_node_id VARCHAR,
    name VARCHAR,
    service VARCHAR,
    origin VARCHAR,
    namespace VARCHAR,
    operation VARCHAR,
    target VARCHAR,
    resource_arn VARCHAR,
    request_id VARCHAR,
    invocation_id VARCHAR,
    attempt_number INTEGER,
    started_us BIGINT,
    ended_us BIGINT,
    is_in_progress BOOLEAN,
    is_inferred BOOLEAN,
    is_error BOOLEAN,
    is_fault BOOLEAN,
    is_throttle BOOLEAN,
    status_code INTEGER,
    retries_count INTEGER,
    error_type VARCHAR,
    natural_keys VARCHAR[],
    linked_nodes VARCHAR[],
    is_event_invoke BOOLEAN,
    day DATE
);
