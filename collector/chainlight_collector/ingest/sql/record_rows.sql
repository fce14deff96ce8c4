-- What goes in for the chosen records: one row per execution, per call and per cause.
INSERT INTO records BY NAME
SELECT
    log_group, log_stream, logged_us, ingested_us, chain_id, request_id,
    function_name,
    function_arn,
    function_version,
    nullif(split_part(function_arn, ':', 5), '') AS account_id,
    nullif(split_part(function_arn, ':', 4), '') AS region,
    memory_mb, arch, init_type,
    is_cold = 1 AS is_cold,
    started_us,
    started_us + duration_us AS ended_us,
    outcome, error_type, source_kind, source_arn, trace_root,
    len(causes) AS causes_count,
    len(calls) AS calls_count,
    CAST(other_waits AS VARCHAR) AS other_waits,
    CAST(annotations AS VARCHAR) AS annotations,
    CAST(dropped AS VARCHAR) AS dropped,
    overhead_us, sample_rate, owner, line_bytes,
    day_of(started_us) AS day
FROM fresh_records;

INSERT INTO record_calls BY NAME
SELECT
    call.call_id,
    function_name,
    request_id, record_started_us,
    call.kind, call.target, call.operation,
    call.is_async = 1 AS is_async,
    call_started_us AS started_us,
    call.wait_us, call.cpu_us, call.status_code, call.error_type,
    keys_of(call.natural_keys) AS natural_keys,
    call.tries_count, call.payload_bytes, call.response_bytes,
    call.result_was_read = 1 AS result_was_read,
    call.cause_index,
    call.is_open = 1 AS is_open,
    day_of(call_started_us) AS day
FROM (
    SELECT *, coalesce(us_in_range(
        CASE WHEN call.offset_us BETWEEN 0 AND 1000000000000
        THEN record_started_us + call.offset_us END
    ), record_started_us) AS call_started_us
    FROM (
        SELECT * EXCLUDE (wire), call_of(wire) AS call
        FROM (
            SELECT
                function_name, request_id, started_us AS record_started_us, unnest(calls) AS wire
            FROM fresh_records
        )
    )
);

INSERT INTO record_causes BY NAME
SELECT
    function_name,
    request_id, record_started_us, cause_index, causes_count,
    coalesce(cause.chain_id, chain_id) AS chain_id,
    cause.caller_request_id, cause.call_id,
    keys_of(cause.natural_keys) AS natural_keys,
    cause.receive_count, cause.sent_us,
    day_of(record_started_us) AS day
FROM (
    SELECT * EXCLUDE (wire), cause_of(wire) AS cause
    FROM (
        SELECT
            function_name, request_id, chain_id, started_us AS record_started_us,
            len(causes) AS causes_count,
            CAST(generate_subscripts(causes, 1) - 1 AS INTEGER) AS cause_index,
            unnest(causes) AS wire
        FROM fresh_records
    )
);

SELECT count(*) AS kept_count, min(started_us) AS touched_us FROM fresh_choices;
