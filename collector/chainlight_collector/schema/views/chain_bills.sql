-- What did a chain spend at other prices than its own? One row per chain that has such parts:
-- another region, architecture or day, a restore, or a function that only its configuration prices.
-- US dollars; NULL where none of them has a known price.
CREATE OR REPLACE VIEW chain_bills AS
SELECT
    b.chain_id,
    SUM(
        b.billed_s * COALESCE(b.memory_mb, f.memory_mb) / 1024.0 * s.price_usd
        + b.requests_count * q.price_usd
        + COALESCE(CASE WHEN COALESCE(f.runtime, '') NOT LIKE 'java%'
            THEN b.restores_count * COALESCE(b.memory_mb, f.memory_mb) / 1024.0 * x.price_usd
        END, 0)
    ) AS cost_usd,
    SUM(b.idle_s * COALESCE(b.memory_mb, f.memory_mb) / 1024.0 * s.price_usd) AS paid_idle_usd
FROM chain_bill_rows AS b
LEFT JOIN function_newest AS f ON f.function_name = b.function_name
LEFT JOIN rates AS s
    ON s.item = compute_item(b.init_type) AND s.region = COALESCE(b.region, f.region, '*')
    AND s.arch = COALESCE(b.arch, f.arch)
    AND COALESCE(b.day, DATE '9999-12-30') >= s.valid_from
    AND COALESCE(b.day, DATE '9999-12-30') < s.valid_to
LEFT JOIN rates AS q
    ON q.item = 'lambda_request' AND q.region = COALESCE(b.region, f.region, '*')
    AND COALESCE(b.day, DATE '9999-12-30') >= q.valid_from
    AND COALESCE(b.day, DATE '9999-12-30') < q.valid_to
LEFT JOIN rates AS x
    ON x.item = 'lambda_snapstart_restore_gb' AND x.region = COALESCE(b.region, f.region, '*')
    AND COALESCE(b.day, DATE '9999-12-30') >= x.valid_from
    AND COALESCE(b.day, DATE '9999-12-30') < x.valid_to
GROUP BY b.chain_id;
