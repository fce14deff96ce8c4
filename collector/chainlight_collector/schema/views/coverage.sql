-- How much do we know? One row per day (UTC); an invocation counts on the day of its first attempt.
-- Shares are of that day's attempts; linked_share is of its invocations that something we could know
-- of has caused: all but entries. An entry is an invocation without a link that came from outside
-- (HTTP, a clock, a person, another tool): its record names no caller and no message. Without a
-- record nobody can tell: not an entry, not linked. sampled_share: attempts that stand for others.
-- oldest_gap_at: the oldest attempt with a START and no end, older than an hour.
-- dropped_lines_count: lines that Lambda itself says it lost (platform.logsDropped).
CREATE OR REPLACE VIEW coverage AS
WITH newest AS (
    SELECT MAX(started_us) AS newest_us FROM attempt_rows
),

ran AS (
    SELECT
        a.day,
        COUNT(*) FILTER (WHERE a.attempt_number = 1) AS invocations_count,
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

caused AS (
    SELECT DISTINCT function_name, request_id
    FROM record_causes
    WHERE call_id IS NOT NULL OR caller_request_id IS NOT NULL
),

-- Nearly all invocations are linked, so that these few are all that is to be judged one by one: a
-- million attempts take 0.5 s of processor time instead of 2.3.
unlinked AS (
    SELECT a.day, a.function_name, a.request_id, a.has_record, a.source_kind
    FROM attempt_rows AS a
    ANTI JOIN link_rows AS l
        ON l.callee_request_id = a.request_id AND l.callee_function = a.function_name
    WHERE a.attempt_number = 1
),

judged AS (
    SELECT
        u.day,
        NOT u.has_record
        OR u.source_kind IN ('sqs', 'sns', 'kinesis', 'dynamodb', 'destination')
        OR c.request_id IS NOT NULL AS is_lost
    FROM unlinked AS u
    LEFT JOIN caused AS c
        ON c.request_id = u.request_id AND c.function_name = u.function_name
),

lost AS (
    SELECT day, COUNT(*) AS unlinked_count, COUNT(*) FILTER (WHERE is_lost) AS lost_count
    FROM judged
    GROUP BY day
),

linked AS (
    SELECT
        r.day,
        r.invocations_count - COALESCE(u.unlinked_count, 0) AS linked_count,
        COALESCE(u.lost_count, 0) AS lost_count
    FROM ran AS r
    LEFT JOIN lost AS u ON u.day = r.day
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
    r.with_record_share,
    r.with_report_share,
    l.linked_count * 1.0 / NULLIF(l.linked_count + l.lost_count, 0) AS linked_share,
    CAST(COALESCE(x.rejects_count, 0) AS BIGINT) AS rejects_count,
    r.sampled_share,
    make_timestamptz(r.oldest_gap_us) AS oldest_gap_at,
    CAST(COALESCE(x.dropped_lines_count, 0) AS BIGINT) AS dropped_lines_count
FROM ran AS r
FULL OUTER JOIN rejected AS x ON x.day = r.day
LEFT JOIN linked AS l ON l.day = r.day;
