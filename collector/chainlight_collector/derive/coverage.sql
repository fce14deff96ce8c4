-- How much is known of each day that moved? Whole days are counted anew, as in days.sql.
-- Nearly all invocations are linked: only the others are looked up among causes, one by one.
-- In: days_anew. Out: coverage_day_rows.
DELETE FROM coverage_day_rows
WHERE COALESCE(day, DATE '9999-12-30') IN (SELECT day FROM days_anew);

INSERT INTO coverage_day_rows BY NAME
WITH unlinked AS (
    SELECT a.day, a.function_name, a.request_id, a.has_record, a.source_kind
    FROM attempt_rows AS a
    ANTI JOIN link_rows AS l
        ON l.callee_request_id = a.request_id AND l.callee_function = a.function_name
    WHERE a.attempt_number = 1
        AND COALESCE(a.day, DATE '9999-12-30') IN (SELECT day FROM days_anew)
),

caused AS (
    SELECT DISTINCT function_name, request_id
    FROM record_causes
    WHERE (call_id IS NOT NULL OR caller_request_id IS NOT NULL)
        AND request_id IN (SELECT request_id FROM unlinked)
),

lost AS (
    SELECT
        COALESCE(u.day, DATE '9999-12-30') AS joined_day,
        COUNT(*) AS unlinked_count,
        COUNT(*) FILTER (
            WHERE NOT u.has_record
                OR u.source_kind IN ('sqs', 'sns', 'kinesis', 'dynamodb', 'destination')
                OR c.request_id IS NOT NULL
        ) AS lost_count
    FROM unlinked AS u
    LEFT JOIN caused AS c
        ON c.request_id = u.request_id AND c.function_name = u.function_name
    GROUP BY u.day
),

ran AS (
    SELECT
        day,
        COUNT(*) AS attempts_count,
        COUNT(*) FILTER (WHERE attempt_number = 1) AS invocations_count,
        COUNT(*) FILTER (WHERE has_record) AS records_count,
        COUNT(*) FILTER (WHERE has_report) AS reports_count,
        COUNT(*) FILTER (WHERE sample_rate < 1) AS sampled_count,
        MIN(started_us) FILTER (WHERE NOT has_report AND NOT has_record) AS first_gap_us
    FROM attempt_rows
    WHERE COALESCE(day, DATE '9999-12-30') IN (SELECT day FROM days_anew)
    GROUP BY day
)

SELECT
    r.*,
    COALESCE(l.unlinked_count, 0) AS unlinked_count,
    COALESCE(l.lost_count, 0) AS lost_count
FROM ran AS r
LEFT JOIN lost AS l ON l.joined_day = COALESCE(r.day, DATE '9999-12-30');

DROP TABLE moved_days;
DROP TABLE days_anew;
DROP TABLE affected_requests;
DROP TABLE touched_requests;
