-- What does chainlight itself cost? One row per day and part: 'record lines' (bytes of our lines and
-- CloudWatch's 26 an event, at the price of ingested logs), 'time in handlers' (our own microseconds in
-- the billed time, as the layer measured them) and 'collector' (requests to AWS; most are free, SQS's
-- price stands for the rest: an upper bound). US dollars at list price.
CREATE OR REPLACE VIEW own_costs AS
WITH lines AS (
    SELECT
        day, region, COUNT(*) AS lines_count,
        SUM(COALESCE(line_bytes, 250) + 26) AS lines_bytes
    FROM records
    GROUP BY day, region
),

runs_daily AS (
    SELECT CAST(make_timestamp(started_us) AS DATE) AS day, SUM(api_calls_count) AS calls_count
    FROM collector_runs
    GROUP BY 1
)

SELECT
    l.day, 'record lines' AS part, CAST(SUM(l.lines_count) AS BIGINT) AS units_count,
    CAST(SUM(l.lines_bytes) AS BIGINT) AS units_bytes,
    CAST(NULL AS BIGINT) AS units_us,
    SUM(l.lines_bytes / 1e9 * r.price_usd) AS cost_usd
FROM lines AS l
INNER JOIN rates AS r
    ON r.item = 'logs_ingested_gb' AND r.region = COALESCE(l.region, '*')
    AND l.day >= r.valid_from AND l.day < r.valid_to
GROUP BY l.day
UNION ALL
SELECT
    day, 'time in handlers' AS part, CAST(SUM(records_count) AS BIGINT) AS units_count,
    CAST(NULL AS BIGINT) AS units_bytes, CAST(SUM(overhead_us) AS BIGINT) AS units_us,
    SUM(overhead_usd) AS cost_usd
FROM function_totals
WHERE records_count > 0
GROUP BY day
UNION ALL
SELECT
    d.day, 'collector' AS part, CAST(d.calls_count AS BIGINT) AS units_count,
    CAST(NULL AS BIGINT) AS units_bytes, CAST(NULL AS BIGINT) AS units_us,
    d.calls_count * r.price_usd AS cost_usd
FROM runs_daily AS d
INNER JOIN rates AS r
    ON r.item = 'sqs_request' AND r.region = '*' AND d.day >= r.valid_from AND d.day < r.valid_to;
