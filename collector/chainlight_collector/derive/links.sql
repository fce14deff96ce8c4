-- Which call caused which invocation? The causes of one invocation that one call accounts for are
-- one link; a call that AWS accepted and whose callee was never seen is a link with no callee rows.
DELETE FROM link_rows
WHERE callee_request_id IN (SELECT request_id FROM affected_requests);

INSERT INTO link_rows BY NAME
WITH caused AS (
    SELECT
        call_id,
        function_name AS callee_function,
        request_id AS callee_request_id,
        MIN(caller_function) AS caller_function,
        MIN(caller_request_id) AS caller_request_id,
        MIN_BY(evidence, evidence_rank) AS evidence,
        SUM(weight) AS share,
        MIN(sent_us) AS sent_us
    FROM cause_rows
    WHERE call_id IS NOT NULL AND request_id IN (SELECT request_id FROM affected_requests)
    GROUP BY call_id, function_name, request_id
),

sources AS (
    SELECT function_name, request_id, MAX(source_kind) AS source_kind
    FROM attempt_rows
    WHERE request_id IN (SELECT request_id FROM affected_requests)
    GROUP BY function_name, request_id
),

seen AS (
    SELECT
        l.call_id,
        l.caller_function,
        l.caller_request_id,
        c.caller_attempt_number,
        l.callee_function,
        l.callee_request_id,
        l.evidence,
        l.share,
        COALESCE(c.kind, s.source_kind, 'unknown') AS kind,
        COALESCE(c.mode, CASE WHEN s.source_kind = 'lambda' THEN 'sync' ELSE 'async' END) AS mode,
        COALESCE(c.started_us, l.sent_us) AS sent_us,
        i.started_us - COALESCE(c.started_us, l.sent_us) AS gap_us,
        TRUE AS is_callee_seen,
        l.call_id = l.caller_request_id OR l.call_id IN (
            SELECT execution_arn || '#' || scheduled_id FROM execution_task_rows WHERE is_on_error
        ) AS is_on_error,
        COALESCE(c.outcome NOT IN ('open', 'timeout') AND (
            c.kind <> 'lambda' OR LEN(c.natural_keys) = 0
            OR LIST_CONTAINS(c.natural_keys, l.callee_request_id)
        ), FALSE) AS is_answered,
        i.day
    FROM caused AS l
    INNER JOIN affected_invocations AS i
        ON i.request_id = l.callee_request_id AND i.function_name = l.callee_function
    LEFT JOIN sources AS s
        ON s.request_id = l.callee_request_id AND s.function_name = l.callee_function
    LEFT JOIN call_rows AS c ON c.call_id = l.call_id
),

unseen AS (
    SELECT
        c.call_id,
        c.caller_function,
        c.caller_request_id,
        c.caller_attempt_number,
        c.target_name AS callee_function,
        k.natural_key AS callee_request_id,
        'request_id' AS evidence,
        CAST(1.0 AS DOUBLE) AS share,
        c.kind,
        c.mode,
        c.started_us AS sent_us,
        CAST(NULL AS BIGINT) AS gap_us,
        FALSE AS is_callee_seen,
        FALSE AS is_on_error,
        c.outcome NOT IN ('open', 'timeout') AS is_answered,
        c.day
    FROM call_keys AS k
    INNER JOIN call_rows AS c ON c.call_id = k.call_id
    WHERE c.kind = 'lambda' AND COALESCE(c.status_code, 200) < 300
        AND k.natural_key IN (SELECT request_id FROM affected_requests)
        AND k.natural_key NOT IN (SELECT request_id FROM affected_invocations)
)

SELECT
    * EXCLUDE (gap_us),
    CASE WHEN gap_us >= 0 THEN gap_us END AS queued_us,
    COALESCE(gap_us < 0, FALSE) AS has_skew
FROM (SELECT * FROM seen UNION ALL BY NAME SELECT * FROM unseen)
ORDER BY sent_us;

-- A function without the layer may not say how it ended; the caller that waited for it was told.
UPDATE attempt_rows SET outcome = CASE told.outcome WHEN 'ok' THEN 'ok' ELSE 'error' END
FROM (
    SELECT
        l.callee_function, l.callee_request_id, MIN(c.outcome) AS outcome
    FROM link_rows AS l
    INNER JOIN call_rows AS c ON c.call_id = l.call_id
    WHERE l.callee_request_id IN (SELECT request_id FROM affected_requests)
        AND l.evidence = 'request_id' AND l.is_answered AND l.mode = 'sync'
        AND c.outcome IN ('ok', 'error')
    GROUP BY l.callee_function, l.callee_request_id
) AS told
WHERE attempt_rows.request_id = told.callee_request_id
    AND attempt_rows.function_name = told.callee_function
    AND attempt_rows.outcome = 'unknown' AND attempt_rows.has_report;

DROP TABLE call_keys;
DROP TABLE affected_invocations;
