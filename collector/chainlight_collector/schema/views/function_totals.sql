-- What does each function add up to, day by day, and what does it cost? One row per function, day and
-- price class (region, architecture, memory, init type): function_day_rows with its money, so that
-- days and functions add up exactly to attempts. US dollars at list price; NULL is unknown.
-- cost_2020_usd: by the rules of 2020 (100 ms steps, init free); arm64_usd: on arm64, were it as fast.
CREATE OR REPLACE VIEW function_totals AS
WITH configured AS (
    SELECT
        d.*,
        COALESCE(d.region, f.region) AS known_region,
        COALESCE(d.account_id, f.account_id) AS known_account_id,
        COALESCE(d.arch, f.arch) AS known_arch,
        COALESCE(d.memory_mb, f.memory_mb) AS known_memory_mb,
        COALESCE(d.memory_mb, f.memory_mb) / 1024.0 AS gb,
        COALESCE(d.day, DATE '9999-12-30') AS price_day,
        CASE WHEN COALESCE(f.runtime, '') LIKE 'java%' THEN 0 ELSE d.restores_count END
            AS paid_restores_count
    FROM function_day_rows AS d
    LEFT JOIN function_newest AS f ON f.function_name = d.function_name
),

priced AS (
    SELECT
        c.*,
        s.price_usd AS gb_s_usd,
        m.price_usd AS arm64_gb_s_usd,
        c.billed_known_count * q.price_usd AS request_usd,
        c.paid_restores_count * c.gb * x.price_usd AS restore_usd
    FROM configured AS c
    LEFT JOIN rates AS s
        ON s.item = compute_item(c.init_type) AND s.region = COALESCE(c.known_region, '*')
        AND s.arch = c.known_arch AND c.price_day >= s.valid_from AND c.price_day < s.valid_to
    LEFT JOIN rates AS m
        ON m.item = compute_item(c.init_type) AND m.region = COALESCE(c.known_region, '*')
        AND m.arch = 'arm64' AND c.price_day >= m.valid_from AND c.price_day < m.valid_to
    LEFT JOIN rates AS q
        ON q.item = 'lambda_request' AND q.region = COALESCE(c.known_region, '*')
        AND c.price_day >= q.valid_from AND c.price_day < q.valid_to
    LEFT JOIN rates AS x
        ON x.item = 'lambda_snapstart_restore_gb' AND x.region = COALESCE(c.known_region, '*')
        AND c.price_day >= x.valid_from AND c.price_day < x.valid_to
)

SELECT
    * EXCLUDE (region, account_id, arch, memory_mb, gb, price_day, paid_restores_count),
    known_region AS region,
    known_account_id AS account_id,
    known_arch AS arch,
    known_memory_mb AS memory_mb,
    billed_ms / 1000.0 * gb AS billed_gb_s,
    billed_ms / 1000.0 * gb * gb_s_usd AS compute_usd,
    billed_ms / 1000.0 * gb * gb_s_usd + request_usd + COALESCE(restore_usd, 0) AS cost_usd,
    paid_idle_us / 1000000.0 * gb * gb_s_usd AS paid_idle_usd,
    other_wait_us / 1000000.0 * gb * gb_s_usd AS other_wait_usd,
    overhead_us / 1000000.0 * gb * gb_s_usd AS overhead_usd,
    billed_2020_ms / 1000.0 * gb * gb_s_usd + request_usd AS cost_2020_usd,
    billed_ms / 1000.0 * gb * arm64_gb_s_usd + request_usd + COALESCE(restore_usd, 0) AS arm64_usd
FROM priced;
