-- What does each edge add up to, and what does that cost? One row per (caller, callee, kind, mode),
-- and per day where is_daily; all sums of edge_day_rows, so that days and edges add up exactly.
-- Microseconds, US dollars at list price. idle_gb_s: the paid idle in GB-seconds of the caller; no idle
-- costs nothing, even where the caller has no memory (a state machine) or its memory is unknown.
-- request_usd: the carrier's requests and the Lambda requests of the executions.
CREATE OR REPLACE MACRO edge_totals_of(is_daily) AS TABLE
WITH placed AS (
    SELECT
        d.*,
        CASE WHEN is_daily THEN d.day END AS period,
        COALESCE(d.caller_account_id, f.account_id) AS from_account_id,
        COALESCE(d.callee_account_id, g.account_id) AS to_account_id,
        COALESCE(d.caller_region, f.region) AS from_region,
        COALESCE(d.callee_region, g.region) AS to_region,
        COALESCE(d.caller_arch, f.arch) AS from_arch,
        COALESCE(d.caller_memory_mb, f.memory_mb) / 1024.0 AS from_gb,
        COALESCE(d.day, DATE '9999-12-30') AS price_day
    FROM edge_day_rows AS d
    LEFT JOIN function_newest AS f ON f.function_name = d.caller_function
    LEFT JOIN function_newest AS g ON g.function_name = d.callee_function
),

carried AS (
    SELECT
        c.carrier, r.region, r.valid_from, r.valid_to,
        SUM(c.units_per_request * r.price_usd) AS request_usd,
        SUM(c.units_per_execution * r.price_usd) AS execution_usd
    FROM carrier_prices AS c
    INNER JOIN rates AS r ON r.item = c.item
    GROUP BY c.carrier, r.region, r.valid_from, r.valid_to
),

priced AS (
    SELECT
        p.*,
        CASE WHEN p.paid_idle_us = 0 THEN 0 ELSE p.paid_idle_us / 1000000.0 * p.from_gb END
            AS idle_gb_s,
        CASE WHEN p.paid_idle_us = 0 THEN 0 ELSE p.paid_idle_us / 1000000.0 * p.from_gb * s.price_usd
        END AS paid_idle_usd,
        COALESCE(p.callee_requests_count * q.price_usd, 0) AS callee_request_usd,
        s.price_usd AS gb_s_usd
    FROM placed AS p
    LEFT JOIN rates AS s
        ON s.item = compute_item(p.caller_init_type) AND s.region = COALESCE(p.from_region, '*')
        AND s.arch = p.from_arch AND p.price_day >= s.valid_from AND p.price_day < s.valid_to
    LEFT JOIN rates AS q
        ON q.item = 'lambda_request'
        AND q.region = COALESCE(p.to_region, p.from_region, '*')
        AND p.price_day >= q.valid_from AND p.price_day < q.valid_to
),

carrier_bills AS (
    SELECT
        p.edge_id, p.period,
        SUM(p.carrier_requests_count * c.request_usd + p.callee_requests_count * c.execution_usd)
            AS carrier_usd
    FROM placed AS p
    INNER JOIN carried AS c
        ON c.carrier = p.carrier AND c.region = COALESCE(p.from_region, '*')
        AND p.price_day >= c.valid_from AND p.price_day < c.valid_to
    GROUP BY p.edge_id, p.period
),

totals AS (
    SELECT
        edge_id,
        period,
        ANY_VALUE(caller_function) AS caller_function,
        ANY_VALUE(callee_function) AS callee_function,
        ANY_VALUE(kind) AS kind,
        ANY_VALUE(mode) AS mode,
        CAST(SUM(calls_count) AS BIGINT) AS calls_count,
        CAST(SUM(failed_count) AS BIGINT) AS failed_count,
        CAST(SUM(on_error_count) AS BIGINT) AS on_error_count,
        CAST(SUM(throttled_count) AS BIGINT) AS throttled_count,
        CAST(SUM(graphql_count) AS BIGINT) AS graphql_count,
        CAST(SUM(tries_count) AS BIGINT) AS tries_count,
        CAST(SUM(caller_invocations_count) AS BIGINT) AS caller_invocations_count,
        CAST(SUM(executions_count) AS BIGINT) AS executions_count,
        CAST(SUM(cold_count) AS BIGINT) AS cold_count,
        CAST(SUM(failed_executions_count) AS BIGINT) AS failed_executions_count,
        CAST(SUM(retried_count) AS BIGINT) AS retried_count,
        SUM(callee_requests_count) AS callee_requests_count,
        CAST(SUM(callee_duration_us) AS BIGINT) AS callee_duration_us,
        CAST(SUM(wait_us) AS BIGINT) AS wait_us,
        CAST(SUM(paid_idle_us) AS BIGINT) AS paid_idle_us,
        CAST(SUM(payload_bytes) AS BIGINT) AS payload_bytes,
        CAST(SUM(result_known_count) AS BIGINT) AS result_known_count,
        CAST(SUM(result_read_count) AS BIGINT) AS result_read_count,
        CAST(SUM(barrier_count) AS BIGINT) AS barrier_count,
        SUM(idle_gb_s) AS idle_gb_s,
        SUM(paid_idle_usd) AS paid_idle_usd,
        SUM(callee_request_usd) AS callee_request_usd,
        MAX_BY(gb_s_usd, day) AS gb_s_usd,
        MAX_BY(COALESCE(carrier, kind), day) AS carrier,
        MAX_BY(from_region, day) AS from_region,
        BOOL_OR(from_account_id <> to_account_id) AS crosses_account,
        BOOL_OR(from_region <> to_region) AS crosses_region,
        BOOL_OR(is_callee_seen) AS is_callee_seen,
        MIN(day) AS first_day,
        MAX(day) AS last_day
    FROM priced
    GROUP BY edge_id, period
)

SELECT
    t.* EXCLUDE (callee_request_usd),
    COALESCE(c.carrier_usd, 0) AS carrier_usd,
    COALESCE(c.carrier_usd, 0) + t.callee_request_usd AS request_usd
FROM totals AS t
LEFT JOIN carrier_bills AS c
    ON c.edge_id = t.edge_id AND c.period IS NOT DISTINCT FROM t.period;
