-- What feeds each function? One row per event source mapping that is there now.
CREATE OR REPLACE VIEW event_sources AS
WITH ranked AS (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY mapping_id ORDER BY observed_us DESC) AS age_rank
    FROM event_source_mappings
)
SELECT
    function_name,
    event_source_arn,
    state,
    batch_size_count,
    batch_window_s,
    max_concurrency,
    max_retry_attempts,
    max_record_age_s,
    parallelization_factor,
    bisects_on_error,
    reports_item_failures,
    on_failure_arn,
    function_arn,
    mapping_id,
    observed_us
FROM ranked
WHERE age_rank = 1 AND state <> 'Deleted';
