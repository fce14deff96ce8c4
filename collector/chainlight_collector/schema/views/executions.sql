-- How did each execution of a workflow go? One row per execution of a state machine ('standard',
-- 'express') or of a durable function ('durable'); times in microseconds. transitions_count: states
-- entered and retried, which is what Standard bills; events_share: of the 25,000 events that one
-- Standard execution may have. unpaid_us: waits of durable functions, during which nothing is billed.
-- transitions_usd: US dollars at list price, of Standard executions only, beyond the free ones.
CREATE OR REPLACE VIEW executions AS
WITH waited AS (
    SELECT execution_arn, SUM(exited_us - entered_us) AS unpaid_us
    FROM execution_state_rows
    WHERE is_unpaid AND state_type IN ('Wait', 'ChainedInvoke', 'Callback')
    GROUP BY execution_arn
),

homes AS (
    SELECT request_id AS execution_arn, MIN(chain_id) AS chain_id
    FROM member_rows
    WHERE node_kind IN ('stepfunctions', 'durable')
    GROUP BY request_id
)

SELECT
    e.execution_arn,
    e.machine_name,
    e.kind,
    h.chain_id,
    make_timestamptz(e.started_us) AS started_at,
    e.ended_us - e.started_us AS wall_us,
    e.status,
    e.error_type,
    e.states_count,
    e.retries_count,
    e.caught_count,
    e.transitions_count,
    e.events_count,
    CASE e.kind WHEN 'standard' THEN e.events_count / 25000.0 END AS events_share,
    CAST(w.unpaid_us AS BIGINT) AS unpaid_us,
    CASE e.kind WHEN 'standard' THEN e.transitions_count * p.price_usd END AS transitions_usd,
    e.started_us,
    e.ended_us,
    e.day
FROM execution_rows AS e
LEFT JOIN waited AS w ON w.execution_arn = e.execution_arn
LEFT JOIN homes AS h ON h.execution_arn = e.execution_arn
LEFT JOIN prices AS p
    ON p.item = 'stepfunctions_transition' AND p.region = '*' AND p.tier_from = 0
    AND COALESCE(e.day, DATE '9999-12-30') >= p.valid_from
    AND COALESCE(e.day, DATE '9999-12-30') < p.valid_to;
