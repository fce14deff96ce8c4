-- How much do we know? One row per day (UTC); an invocation counts on the day of its first attempt.
-- Shares are of that day's attempts; linked_share is of its invocations that something we could know
-- of has caused: all but entries; of a batch each message counts for its part. An entry is an
-- invocation without a link that came from outside (HTTP, a clock, a person, another tool): its record
-- names no caller and no message. Without a record nobody can tell: not an entry, not linked.
-- sampled_share: attempts that stand for others.
-- oldest_gap_at: the oldest attempt with a START and no end, older than an hour.
-- dropped_lines_count: lines that Lambda itself says it lost (platform.logsDropped).
CREATE OR REPLACE VIEW coverage AS
WITH newest AS (
    SELECT MAX(started_us) AS newest_us FROM attempt_rows
),

ran AS (
    SELECT
        day,
        SUM(attempts_count) AS attempts_count,
        CAST(SUM(invocations_count) AS BIGINT) AS invocations_count,
        SUM(records_count) AS records_count,
        SUM(reports_count) AS reports_count,
        SUM(sampled_count) AS sampled_count,
        MIN(first_gap_us) AS first_gap_us
    FROM function_day_rows
    GROUP BY day
),

caused AS (
    SELECT
        day,
        ROUND(SUM(weight) FILTER (WHERE linkage = 'linked'), 6) AS linked_count,
        ROUND(SUM(weight) FILTER (WHERE linkage IN ('linked', 'lost')), 6) AS known_count
    FROM cause_rows
    GROUP BY day
),

rejected AS (
    SELECT day, SUM(rejects_count) AS rejects_count, SUM(lines_count) AS dropped_lines_count
    FROM (
        SELECT day, 1 AS rejects_count, 0 AS lines_count FROM reject_rows
        UNION ALL
        SELECT
            day, 0 AS rejects_count,
            COALESCE(
                TRY_CAST(json_extract_string(detail, '$.droppedRecords') AS BIGINT), 1
            ) AS lines_count
        FROM environment_events
        WHERE kind = 'logs_dropped'
    ) AS missed
    GROUP BY day
)

SELECT
    COALESCE(r.day, x.day) AS day,
    COALESCE(r.invocations_count, 0) AS invocations_count,
    r.records_count * 1.0 / r.attempts_count AS with_record_share,
    r.reports_count * 1.0 / r.attempts_count AS with_report_share,
    COALESCE(c.linked_count, 0) / c.known_count AS linked_share,
    CAST(COALESCE(x.rejects_count, 0) AS BIGINT) AS rejects_count,
    r.sampled_count * 1.0 / r.attempts_count AS sampled_share,
    CASE
        WHEN r.first_gap_us < n.newest_us - 3600000000 THEN make_timestamptz(r.first_gap_us)
    END AS oldest_gap_at,
    CAST(COALESCE(x.dropped_lines_count, 0) AS BIGINT) AS dropped_lines_count
FROM ran AS r
FULL OUTER JOIN rejected AS x ON x.day = r.day
LEFT JOIN caused AS c ON c.day = r.day
CROSS JOIN newest AS n;
