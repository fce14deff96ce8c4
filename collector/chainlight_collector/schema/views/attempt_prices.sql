-- What does a second of compute and a request cost each attempt? One row per attempt; US dollars.
-- Region and architecture: the record's, else the newest configuration's; an unknown region is
-- priced at '*', an unknown architecture has no price. Attempts without a time take today's price.
-- restore_gb_usd: one GB restored from a snapshot; Java restores cost nothing.
CREATE OR REPLACE VIEW attempt_prices AS
WITH configured AS (
    SELECT
        a.*,
        COALESCE(a.function_arn, f.function_arn) AS known_arn,
        COALESCE(a.account_id, f.account_id) AS known_account_id,
        COALESCE(a.region, f.region) AS known_region,
        COALESCE(a.arch, f.arch) AS known_arch,
        COALESCE(a.memory_mb, f.memory_mb) AS known_memory_mb,
        COALESCE(a.day, DATE '9999-12-30') AS price_day,
        compute_item(a.init_type) AS compute_item,
        f.runtime
    FROM attempt_rows AS a
    LEFT JOIN function_newest AS f ON f.function_name = a.function_name
)
SELECT
    c.*,
    compute.price_usd AS gb_s_usd,
    request.price_usd AS one_request_usd,
    CASE WHEN c.restore_us > 0 AND COALESCE(c.runtime, '') NOT LIKE 'java%' THEN restore.price_usd
        ELSE 0 END AS restore_gb_usd
FROM configured AS c
LEFT JOIN rates AS compute
    ON compute.item = c.compute_item AND compute.region = COALESCE(c.known_region, '*')
    AND compute.arch = c.known_arch
    AND c.price_day >= compute.valid_from AND c.price_day < compute.valid_to
LEFT JOIN rates AS request
    ON request.item = 'lambda_request' AND request.region = COALESCE(c.known_region, '*')
    AND c.price_day >= request.valid_from AND c.price_day < request.valid_to
LEFT JOIN rates AS restore
    ON restore.item = 'lambda_snapstart_restore_gb' AND restore.region = COALESCE(c.known_region, '*')
    AND c.price_day >= restore.valid_from AND c.price_day < restore.valid_to;
