-- What did the touched executions do? One row per execution, per state entered, per try of a task,
-- from variables that hold JSON lists in the order of the tables' columns.
DELETE FROM execution_rows WHERE execution_arn IN (SELECT execution_arn FROM touched_executions);
INSERT INTO execution_rows BY NAME
SELECT *, CAST(make_timestamp(started_us) AS DATE) AS day
FROM (
    SELECT
        e->>0 AS execution_arn,
        e->>1 AS machine_name,
        e->>2 AS kind,
        CAST(e->>3 AS BIGINT) AS started_us,
        CAST(e->>4 AS BIGINT) AS ended_us,
        e->>5 AS status,
        e->>6 AS error_type,
        CAST(e->>7 AS BIGINT) AS states_count,
        CAST(e->>8 AS BIGINT) AS retries_count,
        CAST(e->>9 AS BIGINT) AS caught_count,
        CAST(e->>10 AS BIGINT) AS transitions_count,
        CAST(e->>11 AS BIGINT) AS events_count
    FROM (SELECT UNNEST(from_json(getvariable('read_executions'), '["JSON"]')) AS e)
);

DELETE FROM execution_state_rows
WHERE execution_arn IN (SELECT execution_arn FROM touched_executions);
INSERT INTO execution_state_rows BY NAME
SELECT *, CAST(make_timestamp(entered_us) AS DATE) AS day
FROM (
    SELECT
        s->>0 AS execution_arn,
        CAST(s->>1 AS BIGINT) AS entered_id,
        CAST(s->>2 AS BIGINT) AS container_id,
        s->>3 AS state_name,
        s->>4 AS state_type,
        CAST(s->>5 AS BIGINT) AS entered_us,
        CAST(s->>6 AS BIGINT) AS exited_us,
        s->>7 AS status,
        s->>8 AS error_type,
        CAST(s->>9 AS INTEGER) AS tries_count,
        CAST(s->>10 AS INTEGER) AS branches_count,
        CAST(s->>11 AS BIGINT) AS item_index,
        CAST(s->>12 AS BOOLEAN) AS is_on_error,
        CAST(s->>13 AS BOOLEAN) AS is_unpaid
    FROM (SELECT UNNEST(from_json(getvariable('read_states'), '["JSON"]')) AS s)
)
ORDER BY execution_arn, entered_id;

DELETE FROM execution_task_rows
WHERE execution_arn IN (SELECT execution_arn FROM touched_executions);
INSERT INTO execution_task_rows BY NAME
SELECT *, CAST(make_timestamp(scheduled_us) AS DATE) AS day
FROM (
    SELECT
        t->>0 AS execution_arn,
        CAST(t->>1 AS BIGINT) AS scheduled_id,
        CAST(t->>2 AS BIGINT) AS entered_id,
        t->>3 AS state_name,
        CAST(t->>4 AS INTEGER) AS try_number,
        t->>5 AS kind,
        t->>6 AS resource,
        t->>7 AS target,
        t->>8 AS mode,
        CAST(t->>9 AS BIGINT) AS scheduled_us,
        CAST(t->>10 AS BIGINT) AS ended_us,
        t->>11 AS outcome,
        t->>12 AS error_type,
        from_json(t->13, '["VARCHAR"]') AS natural_keys,
        CAST(t->>14 AS BOOLEAN) AS is_on_error
    FROM (SELECT UNNEST(from_json(getvariable('read_tasks'), '["JSON"]')) AS t)
)
ORDER BY execution_arn, scheduled_id;
