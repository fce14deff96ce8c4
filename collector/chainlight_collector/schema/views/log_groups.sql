-- How far is each log group read, and what is in it? One row per log group that was found.
-- log_format: 'Text' or 'JSON' as its functions are configured, 'mixed' where they differ, NULL where
-- no function is known to log there. read_to_at: everything up to there was read, NULL before the
-- first time. is_report_hidden: some function's SystemLogLevel is WARN, so it has no REPORT lines.
CREATE OR REPLACE VIEW log_groups AS
WITH ranked AS (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY log_group ORDER BY observed_us DESC) AS age_rank
    FROM log_group_configs
),

loggers AS (
    SELECT
        log_group,
        COUNT(*) AS functions_count,
        CASE WHEN COUNT(DISTINCT log_format) > 1 THEN 'mixed' ELSE MIN(log_format) END
            AS log_format,
        BOOL_OR(COALESCE(system_log_level, 'INFO') = 'WARN') AS is_report_hidden
    FROM function_newest
    WHERE log_group IS NOT NULL
    GROUP BY log_group
),

read_to AS (
    SELECT shard AS log_group, MAX(position_us) AS read_to_us
    FROM checkpoints
    WHERE source = 'logs'
    GROUP BY shard
)

SELECT
    g.log_group,
    g.log_class,
    f.log_format,
    COALESCE(f.functions_count, 0) AS functions_count,
    COALESCE(f.is_report_hidden, FALSE) AS is_report_hidden,
    g.retention_days,
    g.unread_reason,
    make_timestamptz(r.read_to_us) AS read_to_at,
    make_timestamptz(g.created_us) AS created_at,
    r.read_to_us,
    g.log_group_arn,
    g.observed_us
FROM ranked AS g
LEFT JOIN loggers AS f ON f.log_group = g.log_group
LEFT JOIN read_to AS r ON r.log_group = g.log_group
WHERE g.age_rank = 1;
