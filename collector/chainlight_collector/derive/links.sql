-- Which call caused which invocation? The causes of one invocation that one call accounts for are
-- one link; a call that AWS accepted and whose callee was never seen is a link with no callee rows.
-- In: new_causes, callers, affected_invocations, affected_requests, call_keys, call_rows.
-- Out: link_rows, outcome of attempt_rows, old_links. A callee that was not seen has no start: its links
-- have the time of their calls, which are those of call_keys.
SET VARIABLE reached_from_us = LEAST(getvariable('affected_from_us'), (
    SELECT MIN(started_us) FROM call_keys
    WHERE natural_key IN (SELECT request_id FROM affected_requests)
));

CREATE OR REPLACE TEMP TABLE old_links AS
SELECT call_id, caller_request_id, sent_us FROM links_since(getvariable('reached_from_us'))
WHERE callee_request_id IN (SELECT request_id FROM affected_requests);

DELETE FROM link_rows
WHERE reached_us >= getvariable('reached_from_us') AND callee_request_id IN (SELECT request_id FROM affected_requests);
DELETE FROM link_rows
WHERE is_timeless(reached_us) AND callee_request_id IN (SELECT request_id FROM affected_requests);

INSERT INTO link_rows BY NAME
WITH caused AS (
    SELECT
        n.* EXCLUDE (caller_function, caller_request_id),
        COALESCE(n.caller_function, w.function_name) AS caller_function,
        COALESCE(n.caller_request_id, n.told_caller_request_id) AS caller_request_id
    FROM new_causes AS n
    LEFT JOIN callers AS w
        ON w.request_id = CASE
            WHEN n.caller_request_id IS NULL THEN n.told_caller_request_id
        END
    WHERE n.call_id IS NOT NULL
),

-- Only an invocation of several causes (their weights are below 1) may owe some to one call.
linked AS (
    SELECT
        call_id, function_name, request_id, caller_function, caller_request_id,
        caller_attempt_number, evidence_rank, weight AS share, call_kind, call_mode,
        call_started_us, sent_us, is_answered, started_us, source_kind, day
    FROM caused
    WHERE weight = 1.0
    UNION ALL BY NAME
    SELECT
        call_id,
        function_name,
        request_id,
        MIN(caller_function) AS caller_function,
        MIN(caller_request_id) AS caller_request_id,
        ANY_VALUE(caller_attempt_number) AS caller_attempt_number,
        MIN(evidence_rank) AS evidence_rank,
        SUM(weight) AS share,
        ANY_VALUE(call_kind) AS call_kind,
        ANY_VALUE(call_mode) AS call_mode,
        ANY_VALUE(call_started_us) AS call_started_us,
        MIN(sent_us) AS sent_us,
        BOOL_OR(is_answered) AS is_answered,
        ANY_VALUE(started_us) AS started_us,
        ANY_VALUE(source_kind) AS source_kind,
        ANY_VALUE(day) AS day
    FROM caused
    WHERE weight < 1.0
    GROUP BY call_id, function_name, request_id
),

seen AS (
    SELECT
        call_id,
        caller_function,
        caller_request_id,
        caller_attempt_number,
        function_name AS callee_function,
        request_id AS callee_request_id,
        [
            'request_id', 'call_id', 'message_id', 'execution', 'xray_parent', 'trace_root', 'inferred'
        ][evidence_rank] AS evidence,
        share,
        COALESCE(call_kind, source_kind, 'unknown') AS kind,
        COALESCE(call_mode, CASE WHEN source_kind = 'lambda' THEN 'sync' ELSE 'async' END) AS mode,
        COALESCE(call_started_us, sent_us) AS sent_us,
        started_us - COALESCE(call_started_us, sent_us) AS gap_us,
        TRUE AS is_callee_seen,
        call_id = caller_request_id OR call_id IN (
            SELECT execution_arn || '#' || scheduled_id FROM execution_task_rows WHERE is_on_error
        ) AS is_on_error,
        is_answered,
        day,
        started_us AS reached_us
    FROM linked
),

unseen_keys AS MATERIALIZED (
    SELECT call_id, natural_key
    FROM call_keys
    WHERE natural_key IN (SELECT request_id FROM affected_requests)
        AND natural_key NOT IN (SELECT request_id FROM affected_invocations)
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
        c.day,
        c.started_us AS reached_us
    FROM unseen_keys AS k
    INNER JOIN since('call_rows', getvariable('reached_from_us')) AS c ON c.call_id = k.call_id
    WHERE c.kind = 'lambda' AND COALESCE(c.status_code, 200) < 300
)

SELECT
    * EXCLUDE (gap_us),
    CASE WHEN gap_us >= 0 THEN gap_us END AS queued_us,
    COALESCE(gap_us < 0, FALSE) AS has_skew
FROM (SELECT * FROM seen UNION ALL BY NAME SELECT * FROM unseen)
ORDER BY sent_us;

-- A function without the layer may not say how it ended; the caller that waited for it was told.
CREATE OR REPLACE TEMP TABLE told_outcomes AS
WITH silent AS (
    SELECT function_name, request_id
    FROM since('attempt_rows', getvariable('affected_from_us'))
    WHERE outcome = 'unknown' AND has_report
        AND request_id IN (SELECT request_id FROM affected_requests)
),

answers AS (
    SELECT callee_function, callee_request_id, call_id
    FROM links_since(getvariable('reached_from_us'))
    WHERE evidence = 'request_id' AND is_answered AND mode = 'sync'
        AND callee_request_id IN (SELECT request_id FROM silent)
)

SELECT
    a.callee_function AS function_name, a.callee_request_id AS request_id,
    CASE MIN(c.outcome) WHEN 'ok' THEN 'ok' ELSE 'error' END AS outcome
FROM answers AS a
INNER JOIN since('call_rows', getvariable('reached_from_us')) AS c ON c.call_id = a.call_id
WHERE c.outcome IN ('ok', 'error')
GROUP BY a.callee_function, a.callee_request_id;

UPDATE attempt_rows SET outcome = told.outcome
FROM told_outcomes AS told
WHERE attempt_rows.started_us >= getvariable('affected_from_us')
    AND attempt_rows.request_id = told.request_id
    AND attempt_rows.function_name = told.function_name
    AND attempt_rows.outcome = 'unknown' AND attempt_rows.has_report;
UPDATE attempt_rows SET outcome = told.outcome
FROM told_outcomes AS told
WHERE is_timeless(attempt_rows.started_us)
    AND attempt_rows.request_id = told.request_id
    AND attempt_rows.function_name = told.function_name
    AND attempt_rows.outcome = 'unknown' AND attempt_rows.has_report;

DROP TABLE told_outcomes;
DROP TABLE new_causes;
DROP TABLE callers;
DROP TABLE call_keys;
DROP TABLE affected_invocations;
