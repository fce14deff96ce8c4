-- What did each entry event set off, how did it end and what did it cost? One row per chain.
-- Money and paid idle are divided by share, so that chains add up to attempts. status:
-- 'dead_lettered' an event of it lies or lay in a dead-letter queue; 'running' an attempt has begun
-- within 15 minutes of the newest row and not ended; 'failed' the entry failed; 'partial' another
-- invocation failed for good; 'ok' otherwise.
CREATE OR REPLACE VIEW chains AS
WITH chain_letters AS (
    SELECT chain_id, COUNT(*) AS dead_letters_count
    FROM letter_rows
    GROUP BY chain_id
),

newest AS (
    SELECT MAX(GREATEST(started_us, COALESCE(ended_us, started_us))) AS newest_us FROM chain_rows
)

SELECT
    c.chain_id,
    c.entry_function,
    c.entry_kind,
    make_timestamptz(c.started_us) AS started_at,
    c.wall_us,
    c.answered_us,
    c.functions_count,
    c.attempts_count,
    c.retries_count,
    c.failed_count,
    c.cold_starts_count,
    COALESCE(l.dead_letters_count, 0) AS dead_letters_count,
    c.paid_idle_us,
    CASE
        WHEN c.idle_gb_s IS NOT NULL OR b.paid_idle_usd IS NOT NULL
            THEN COALESCE(c.idle_gb_s * s.price_usd, 0) + COALESCE(b.paid_idle_usd, 0)
    END AS paid_idle_usd,
    CASE
        WHEN c.billed_gb_s IS NOT NULL OR b.cost_usd IS NOT NULL THEN
            COALESCE(c.billed_gb_s * s.price_usd + c.requests_count * q.price_usd, 0)
            + COALESCE(b.cost_usd, 0)
    END AS cost_usd,
    CASE
        WHEN l.dead_letters_count > 0 THEN 'dead_lettered'
        WHEN c.running_count > 0 AND c.started_us > n.newest_us - 900000000 THEN 'running'
        WHEN c.entry_status IN ('error', 'timeout', 'crash', 'throttled') THEN 'failed'
        WHEN c.failed_invocations_count > 0 THEN 'partial'
        ELSE 'ok'
    END AS status,
    c.shape_id,
    c.shape,
    c.started_us,
    c.ended_us,
    c.entry_request_id,
    c.invocations_count,
    c.failed_invocations_count,
    c.missing_count,
    c.depth_max,
    c.day
FROM chain_rows AS c
CROSS JOIN newest AS n
LEFT JOIN rates AS s
    ON s.item = compute_item(c.init_type) AND s.region = c.region AND s.arch = c.arch
    AND c.price_day >= s.valid_from AND c.price_day < s.valid_to
LEFT JOIN rates AS q
    ON q.item = 'lambda_request' AND q.region = c.region
    AND c.price_day >= q.valid_from AND c.price_day < q.valid_to
LEFT JOIN chain_bills AS b ON b.chain_id = c.chain_id
LEFT JOIN chain_letters AS l ON l.chain_id = c.chain_id;
