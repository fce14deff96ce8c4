-- What besides functions set off work? One row per execution of a workflow and per request that an
-- API stage, a GraphQL API or an application handled, as far as histories and X-Ray tell.
-- function_name and request_id are its name and its key: it stands where an invocation stands.
-- kind: 'stepfunctions', 'durable', 'apigateway', 'appsync', or another service by X-Ray's origin.
CREATE TABLE IF NOT EXISTS service_rows (
    function_name VARCHAR,
    request_id VARCHAR,
    kind VARCHAR,
    started_us BIGINT,
    ended_us BIGINT,
    outcome VARCHAR,
    error_type VARCHAR,
    trace_root VARCHAR,
    day DATE
);
