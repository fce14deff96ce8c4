-- How much do we know? One row per day (UTC). Shares are of that day's attempts; linked_share is of
-- its invocations that have a cause other than an outside event. sampled_share: attempts that stand
-- for others. oldest_gap_at: the oldest attempt with a START and no end, older than an hour.
CREATE OR REPLACE VIEW coverage AS
WITH newest AS (
    SELECT MAX(started_us) AS newest_us FROM attempt_rows
),

ran AS (
    SELECT
        a.day,
        COUNT(DISTINCT (a.function_name, a.request_id)) AS invocations_count,
        COUNT(*) FILTER (WHERE a.has_record) * 1.0 / COUNT(*) AS with_record_share,
        COUNT(*) FILTER (WHERE a.has_report) * 1.0 / COUNT(*) AS with_report_share,
        COUNT(*) FILTER (WHERE a.sample_rate < 1) * 1.0 / COUNT(*) AS sampled_share,
        MIN(a.started_us) FILTER (
            WHERE NOT a.has_report AND NOT a.has_record AND a.started_us < n.newest_us - 3600000000
        ) AS oldest_gap_us
    FROM attempt_rows AS a
    CROSS JOIN newest AS n
    GROUP BY a.day
),

linkable AS (
    SELECT DISTINCT day, function_name, request_id
    FROM attempt_rows
    WHERE source_kind IN ('lambda', 'sqs', 'sns') AND attempt_number = 1
),

linked AS (
    SELECT
        i.day,
        COUNT(DISTINCT (i.function_name, i.request_id)) FILTER (WHERE l.call_id IS NOT NULL) * 1.0
            / NULLIF(COUNT(DISTINCT (i.function_name, i.request_id)), 0) AS linked_share
    FROM linkable AS i
    LEFT JOIN link_rows AS l
        ON l.callee_request_id = i.request_id AND l.callee_function = i.function_name
    GROUP BY i.day
),

rejected AS (
    SELECT day, COUNT(*) AS rejects_count FROM reject_rows GROUP BY day
)

SELECT
    COALESCE(r.day, x.day) AS day,
    COALESCE(r.invocations_count, 0) AS invocations_count,
    r.with_record_share,
    r.with_report_share,
    l.linked_share,
    COALESCE(x.rejects_count, 0) AS rejects_count,
    r.sampled_share,
    make_timestamptz(r.oldest_gap_us) AS oldest_gap_at
FROM ran AS r
FULL OUTER JOIN rejected AS x ON x.day = r.day
LEFT JOIN linked AS l ON l.day = r.day;
