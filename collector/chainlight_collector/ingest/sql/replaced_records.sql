-- Which rows give way to better ones? Takes out the records that fresh_records replaces, with
-- their calls and causes. Run only where there are any.
DELETE FROM records AS old
USING replaced_records AS gone
WHERE old.function_arn = gone.function_arn
    AND old.request_id = gone.request_id
    AND old.started_us = gone.started_us
    AND old.started_us BETWEEN $from_us AND $to_us;

DELETE FROM record_calls AS old
USING replaced_records AS gone
WHERE old.function_name IS NOT DISTINCT FROM gone.function_name
    AND old.request_id = gone.request_id
    AND old.record_started_us = gone.started_us
    AND old.record_started_us BETWEEN $from_us AND $to_us;

DELETE FROM record_causes AS old
USING replaced_records AS gone
WHERE old.function_name IS NOT DISTINCT FROM gone.function_name
    AND old.request_id = gone.request_id
    AND old.record_started_us = gone.started_us
    AND old.record_started_us BETWEEN $from_us AND $to_us;
