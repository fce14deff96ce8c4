-- What changed in the configuration of these functions? One row per function whose configuration
-- is not the newest one known.
CREATE OR REPLACE TEMP TABLE changed_configs AS
SELECT row.*
FROM (
    SELECT unnest(from_json($rows, '[{"function_name":"VARCHAR","function_arn":"VARCHAR","account_id":"VARCHAR","region":"VARCHAR","owner":"VARCHAR","runtime":"VARCHAR","arch":"VARCHAR","memory_mb":"INTEGER","timeout_s":"INTEGER","has_layer":"BOOLEAN","dlq_arn":"VARCHAR","on_failure_arn":"VARCHAR","on_success_arn":"VARCHAR","max_retry_attempts":"INTEGER","max_event_age_s":"INTEGER","log_group":"VARCHAR","log_format":"VARCHAR","system_log_level":"VARCHAR","tracing_mode":"VARCHAR","reserved_concurrency":"INTEGER","event_source_arns":["VARCHAR"],"tags":"VARCHAR","application_log_level":"VARCHAR","recursive_loop":"VARCHAR","provisioned_concurrency":"INTEGER"}]')) AS row
)
EXCEPT
SELECT
    function_name, function_arn, account_id, region, owner, runtime, arch, memory_mb,
    timeout_s, has_layer, dlq_arn, on_failure_arn, on_success_arn, max_retry_attempts,
    max_event_age_s, log_group, log_format, system_log_level, tracing_mode,
    reserved_concurrency, event_source_arns, tags, application_log_level, recursive_loop,
    provisioned_concurrency
FROM function_configs
QUALIFY row_number() OVER (PARTITION BY function_arn ORDER BY observed_us DESC) = 1;

INSERT INTO function_configs BY NAME
SELECT *, $seen_us AS observed_us, day_of($seen_us) AS day FROM changed_configs;

SELECT count(*) AS kept_count FROM changed_configs;
