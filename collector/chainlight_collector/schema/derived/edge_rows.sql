-- What did each call do to each function it reached: one row per (call, callee function), with all
-- that edges, findings and what-ifs add up, so that they read one table. callee_function is the
-- caller's word for the target where no function was seen behind it (is_callee_seen is false).
-- carrier: what a request of it is priced as: the kind, for HTTP 'apigw', 'function_url' or 'alb'.
-- edge_id: a number for (caller, callee, kind, mode). paid_idle_us: the call's, divided among the
-- functions it reached in whole microseconds. callee_*: of the invocations it caused, by share.
-- is_first: the first call of its caller's invocation over this edge. is_on_error: made after an
-- earlier call of the attempt had failed, or caused by a failure itself. is_graphql: under AppSync.
-- is_barrier: an unread answer, after which the same attempt made another call.
CREATE TABLE IF NOT EXISTS edge_rows (
    edge_id BIGINT,
    call_id VARCHAR,
    caller_function VARCHAR,
    caller_request_id VARCHAR,
    caller_attempt_number INTEGER,
    callee_function VARCHAR,
    target_name VARCHAR,
    kind VARCHAR,
    mode VARCHAR,
    carrier VARCHAR,
    is_callee_seen BOOLEAN,
    started_us BIGINT,
    wait_us BIGINT,
    queued_us BIGINT,
    paid_idle_us BIGINT,
    call_outcome VARCHAR,
    is_failed BOOLEAN,
    is_on_error BOOLEAN,
    is_first BOOLEAN,
    is_graphql BOOLEAN,
    is_barrier BOOLEAN,
    tries_count INTEGER,
    functions_count BIGINT,
    executions_count BIGINT,
    cold_count BIGINT,
    failed_executions_count BIGINT,
    retried_count BIGINT,
    callee_requests_count DOUBLE,
    callee_duration_us BIGINT,
    payload_bytes BIGINT,
    response_bytes BIGINT,
    result_was_read BOOLEAN,
    caller_account_id VARCHAR,
    caller_region VARCHAR,
    caller_arch VARCHAR,
    caller_memory_mb INTEGER,
    caller_init_type VARCHAR,
    callee_account_id VARCHAR,
    callee_region VARCHAR,
    day DATE
);
