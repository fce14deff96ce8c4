-- On what else did executions wait, and what did that cost? One row per function, day and service
-- ('s3', 'dynamodb', 'http', …): AWS calls and HTTP requests that start nothing elsewhere, as the layer
-- counted them; paid like any other second, and no edge. Waits of several threads are added up, so they
-- may exceed the duration. time.sleep and polling loops leave no trace of their own.
CREATE OR REPLACE VIEW other_waits AS
WITH told AS (
    SELECT function_name, request_id, started_us, region, arch, memory_mb, init_type, day,
        UNNEST(MAP_ENTRIES(CAST(CAST(other_waits AS JSON) AS MAP(VARCHAR, BIGINT[])))) AS entry
    FROM records
    WHERE other_waits IS NOT NULL
)
SELECT
    t.function_name,
    t.day,
    t.entry.key AS service,
    COUNT(*) AS executions_count,
    CAST(SUM(t.entry.value[1]) AS BIGINT) AS calls_count,
    CAST(SUM(t.entry.value[2]) AS BIGINT) AS wait_us,
    SUM(t.entry.value[2] / 1000000.0 * t.memory_mb / 1024.0 * r.price_usd) AS wait_usd
FROM told AS t
LEFT JOIN rates AS r
    ON r.item = compute_item(t.init_type) AND r.region = COALESCE(t.region, '*') AND r.arch = t.arch
    AND t.day >= r.valid_from AND t.day < r.valid_to
GROUP BY t.function_name, t.day, t.entry.key;
