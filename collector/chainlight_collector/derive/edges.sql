-- What did each call do to each function it reached? Rows of every caller that is touched, or one of
-- whose callees is: all calls of a caller's invocation together, because the first one over an edge
-- is marked.
-- In: touched_requests, affected_requests, old_links, link_rows, call_rows, attempt_rows.
-- Out: edge_rows, and the days on which they were or are in moved_days.
CREATE OR REPLACE TEMP TABLE moved_calls AS
SELECT call_id, caller_request_id, sent_us FROM links_since(getvariable('reached_from_us'))
WHERE callee_request_id IN (SELECT request_id FROM affected_requests)
UNION
SELECT call_id, caller_request_id, sent_us FROM old_links
UNION
SELECT call_id, caller_request_id, started_us AS sent_us FROM since('call_rows', getvariable('touched_from_us'))
WHERE caller_request_id IN (SELECT request_id FROM touched_requests);

CREATE OR REPLACE TEMP TABLE moved_callers AS
SELECT request_id FROM touched_requests
UNION
SELECT caller_request_id AS request_id FROM moved_calls WHERE caller_request_id IS NOT NULL;

-- Callers are looked up everywhere: they may have begun long before what they called. Nothing they sent
-- was sent before sent_from_us.
SET VARIABLE sent_from_us = (
    SELECT MIN(began_us)
    FROM (
        SELECT getvariable('affected_from_us') AS began_us
        UNION ALL
        SELECT MIN(sent_us) FROM moved_calls
        UNION ALL
        SELECT MIN(started_us) FROM node_rows
        WHERE request_id IN (
            SELECT request_id FROM moved_callers EXCEPT SELECT request_id FROM affected_requests
        )
    )
);

-- What they called began after them, less an hour for clocks that disagree.
SET VARIABLE called_from_us = getvariable('sent_from_us') - 3600000000;

CREATE OR REPLACE TEMP TABLE edge_links AS
SELECT l.*
FROM links_since(getvariable('called_from_us')) AS l
WHERE l.caller_request_id IN (SELECT request_id FROM moved_callers)
    OR l.call_id IN (SELECT call_id FROM moved_calls);

SET VARIABLE edges_from_us = LEAST(
    getvariable('sent_from_us'), (SELECT MIN(reached_us) FROM edge_links)
);

-- Edges without a time are those of links without one.
SET VARIABLE has_unsent = (
    SELECT EXISTS (SELECT 1 FROM edge_links WHERE sent_us IS NULL)
        OR EXISTS (SELECT 1 FROM moved_calls WHERE sent_us IS NULL)
);

INSERT INTO moved_days
SELECT DISTINCT day FROM edge_rows
WHERE started_us >= getvariable('sent_from_us') AND (
    caller_request_id IN (SELECT request_id FROM moved_callers)
    OR call_id IN (SELECT call_id FROM moved_calls)
);
INSERT INTO moved_days
SELECT DISTINCT day FROM edge_rows
WHERE getvariable('has_unsent') AND started_us IS NULL AND (
    caller_request_id IN (SELECT request_id FROM moved_callers)
    OR call_id IN (SELECT call_id FROM moved_calls)
);

DELETE FROM edge_rows
WHERE started_us >= getvariable('sent_from_us') AND (
    caller_request_id IN (SELECT request_id FROM moved_callers)
    OR call_id IN (SELECT call_id FROM moved_calls)
);
DELETE FROM edge_rows
WHERE getvariable('has_unsent') AND started_us IS NULL AND (
    caller_request_id IN (SELECT request_id FROM moved_callers)
    OR call_id IN (SELECT call_id FROM moved_calls)
);

-- What did each call reach? One row per (call, callee function). A call that reached one function,
-- and a callee that ran once, need no adding up, and nearly all do.
CREATE OR REPLACE TEMP TABLE reached AS
WITH ran AS MATERIALIZED (
    SELECT
        function_name, request_id, attempt_number, is_cold,
        outcome IN ('error', 'timeout', 'crash', 'throttled') AS is_failed, duration_us,
        account_id, region
    FROM since('attempt_rows', getvariable('edges_from_us'))
    WHERE request_id IN (SELECT callee_request_id FROM edge_links)
),

again AS (SELECT request_id FROM ran WHERE attempt_number > 1),

callees AS (
    SELECT * RENAME (attempt_number AS attempts_count) FROM ran ANTI JOIN again USING (request_id)
    UNION ALL BY NAME
    SELECT
        function_name,
        request_id,
        MAX(attempt_number) AS attempts_count,
        BOOL_OR(is_cold) FILTER (WHERE attempt_number = 1) AS is_cold,
        MAX_BY(is_failed, attempt_number) AS is_failed,
        CAST(SUM(duration_us) AS BIGINT) AS duration_us,
        MAX(account_id) AS account_id,
        MAX(region) AS region
    FROM ran
    SEMI JOIN again USING (request_id)
    GROUP BY function_name, request_id
),

met AS MATERIALIZED (
    SELECT
        l.call_id,
        l.callee_function,
        l.caller_function,
        l.caller_request_id,
        l.kind,
        l.mode,
        l.is_callee_seen,
        l.is_on_error,
        l.sent_us,
        l.queued_us,
        l.share,
        l.day,
        CAST(i.request_id IS NOT NULL AS BIGINT) AS executions_count,
        CAST(COALESCE(i.is_cold, FALSE) AS BIGINT) AS cold_count,
        CAST(COALESCE(i.is_failed, FALSE) AS BIGINT) AS failed_executions_count,
        CAST(COALESCE(i.attempts_count > 1, FALSE) AS BIGINT) AS retried_count,
        l.share * i.attempts_count AS callee_requests_count,
        l.share * i.duration_us AS callee_duration_us,
        i.account_id,
        i.region
    FROM edge_links AS l
    LEFT JOIN callees AS i
        ON i.request_id = l.callee_request_id AND i.function_name = l.callee_function
),

several AS (SELECT call_id FROM met GROUP BY call_id HAVING COUNT(*) > 1),

added AS (
    SELECT
        call_id,
        callee_function,
        MIN(caller_function) AS caller_function,
        MIN(caller_request_id) AS caller_request_id,
        MIN(kind) AS kind,
        MIN(mode) AS mode,
        BOOL_OR(is_callee_seen) AS is_callee_seen,
        BOOL_OR(is_on_error) AS is_on_error,
        MIN(sent_us) AS sent_us,
        MIN(queued_us) AS queued_us,
        MIN(day) AS day,
        CAST(SUM(executions_count) AS BIGINT) AS executions_count,
        CAST(SUM(cold_count) AS BIGINT) AS cold_count,
        CAST(SUM(failed_executions_count) AS BIGINT) AS failed_executions_count,
        CAST(SUM(retried_count) AS BIGINT) AS retried_count,
        SUM(callee_requests_count) AS callee_requests_count,
        SUM(callee_duration_us) AS callee_duration_us,
        MAX(account_id) AS account_id,
        MAX(region) AS region
    FROM met
    SEMI JOIN several USING (call_id)
    GROUP BY call_id, callee_function
)

SELECT * EXCLUDE (share), 1 AS functions_count, 1 AS function_number
FROM met
ANTI JOIN several USING (call_id)
UNION ALL BY NAME
SELECT
    *,
    COUNT(*) OVER (PARTITION BY call_id) AS functions_count,
    ROW_NUMBER() OVER (PARTITION BY call_id ORDER BY callee_function) AS function_number
FROM added;

-- One row per call and function, is_first and what the caller was apart.
CREATE OR REPLACE TEMP TABLE new_edges AS
WITH sent AS MATERIALIZED (
    SELECT *, CASE WHEN target LIKE 'arn:%' THEN target END AS target_arn
    FROM since('call_rows', getvariable('sent_from_us'))
    WHERE caller_request_id IN (SELECT request_id FROM moved_callers)
),

-- Attempts of which some call says what it did not wait for, or failed: few.
troubled AS (
    SELECT caller_request_id
    FROM sent
    WHERE outcome <> 'ok' OR (mode = 'sync' AND NOT result_was_read)
),

failures AS (
    SELECT
        caller_function, caller_request_id, caller_attempt_number,
        MIN(ended_us) FILTER (WHERE outcome <> 'ok') AS failed_us,
        MAX(started_us) AS last_us
    FROM sent
    SEMI JOIN troubled USING (caller_request_id)
    GROUP BY caller_function, caller_request_id, caller_attempt_number
),

joined AS (
    SELECT
        COALESCE(c.call_id, r.call_id) AS call_id,
        COALESCE(c.caller_function, r.caller_function) AS caller_function,
        COALESCE(c.caller_request_id, r.caller_request_id) AS caller_request_id,
        c.caller_attempt_number,
        COALESCE(r.callee_function, c.target_name) AS callee_function,
        c.target_name,
        COALESCE(c.kind, r.kind) AS kind,
        COALESCE(c.mode, r.mode) AS mode,
        CASE
            WHEN COALESCE(c.kind, r.kind) <> 'http' THEN COALESCE(c.kind, r.kind)
            WHEN c.target LIKE '%.execute-api.%' THEN 'apigw'
            WHEN c.target LIKE '%.lambda-url.%' THEN 'function_url'
            WHEN c.target LIKE '%.elb.%' THEN 'alb'
            ELSE 'http'
        END AS carrier,
        COALESCE(r.is_callee_seen, FALSE) AS is_callee_seen,
        COALESCE(c.started_us, r.sent_us) AS started_us,
        c.ended_us,
        c.wait_us,
        r.queued_us,
        c.paid_idle_us // COALESCE(r.functions_count, 1)
        + CASE
            WHEN c.paid_idle_us % COALESCE(r.functions_count, 1) >= r.function_number THEN 1 ELSE 0
        END AS paid_idle_us,
        c.outcome AS call_outcome,
        COALESCE(c.outcome <> 'ok', FALSE) OR COALESCE(
            r.failed_executions_count > 0 AND r.failed_executions_count = r.executions_count, FALSE
        ) AS is_failed,
        COALESCE(r.is_on_error, FALSE) AS is_caused_by_error,
        COALESCE(c.tries_count, 1) AS tries_count,
        COALESCE(r.functions_count, 1) AS functions_count,
        COALESCE(r.executions_count, 0) AS executions_count,
        COALESCE(r.cold_count, 0) AS cold_count,
        COALESCE(r.failed_executions_count, 0) AS failed_executions_count,
        COALESCE(r.retried_count, 0) AS retried_count,
        COALESCE(ROUND(r.callee_requests_count, 9), 0) AS callee_requests_count,
        CAST(ROUND(r.callee_duration_us) AS BIGINT) AS callee_duration_us,
        c.payload_bytes,
        c.response_bytes,
        c.result_was_read,
        COALESCE(r.account_id, NULLIF(SPLIT_PART(c.target_arn, ':', 5), '')) AS callee_account_id,
        COALESCE(r.region, NULLIF(SPLIT_PART(c.target_arn, ':', 4), '')) AS callee_region,
        COALESCE(c.day, r.day) AS day
    FROM sent AS c
    FULL OUTER JOIN reached AS r ON r.call_id = c.call_id
)

SELECT
    CAST('0x' || LEFT(MD5(CONCAT_WS(
        chr(1), COALESCE(j.caller_function, ''), j.callee_function, j.kind, j.mode
    )), 15) AS BIGINT) AS edge_id,
    j.* EXCLUDE (is_caused_by_error, ended_us),
    j.is_caused_by_error OR COALESCE(f.failed_us <= j.started_us, FALSE) AS is_on_error,
    j.mode = 'sync' AND COALESCE(NOT j.result_was_read AND f.last_us >= j.ended_us, FALSE)
        AS is_barrier
FROM joined AS j
LEFT JOIN failures AS f
    ON f.caller_request_id = j.caller_request_id AND f.caller_function = j.caller_function
    AND f.caller_attempt_number = j.caller_attempt_number;

INSERT INTO edge_rows BY NAME
WITH several AS (
    SELECT edge_id, COALESCE(caller_request_id, call_id) AS caller
    FROM new_edges
    GROUP BY ALL
    HAVING COUNT(*) > 1
),

later AS (
    SELECT edge_row
    FROM (
        SELECT e.rowid AS edge_row, ROW_NUMBER() OVER (
            PARTITION BY e.edge_id, s.caller ORDER BY e.started_us NULLS LAST, e.call_id
        ) AS place
        FROM new_edges AS e
        INNER JOIN several AS s
            ON s.edge_id = e.edge_id AND s.caller = COALESCE(e.caller_request_id, e.call_id)
    )
    WHERE place > 1
),

callers AS (
    SELECT
        function_name, request_id, attempt_number, account_id, region, arch, memory_mb, init_type,
        source_kind
    FROM since('attempt_rows', getvariable('sent_from_us'))
    WHERE request_id IN (SELECT request_id FROM moved_callers)
)

SELECT
    e.*,
    l.edge_row IS NULL AS is_first,
    COALESCE(a.source_kind = 'appsync', FALSE) AS is_graphql,
    a.account_id AS caller_account_id,
    a.region AS caller_region,
    a.arch AS caller_arch,
    a.memory_mb AS caller_memory_mb,
    a.init_type AS caller_init_type
FROM new_edges AS e
LEFT JOIN later AS l ON l.edge_row = e.rowid
LEFT JOIN callers AS a
    ON a.request_id = e.caller_request_id AND a.function_name = e.caller_function
    AND a.attempt_number = COALESCE(e.caller_attempt_number, 1)
ORDER BY e.started_us;

INSERT INTO moved_days SELECT DISTINCT day FROM new_edges;

DROP TABLE reached;
DROP TABLE new_edges;
DROP TABLE moved_calls;
DROP TABLE moved_callers;
DROP TABLE edge_links;
DROP TABLE old_links;
