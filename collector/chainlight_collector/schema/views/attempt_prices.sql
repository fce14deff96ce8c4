-- What does a second of compute and a request cost each attempt? One row per attempt; US dollars.
-- Region and architecture: the record's, else the newest configuration's; an unknown region is
-- priced at '*', an unknown architecture has no price. Attempts without a time take today's price.
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
        CASE
            WHEN a.init_type = 'provisioned-concurrency' THEN 'lambda_provisioned_gb_s'
            ELSE 'lambda_gb_s'
        END AS compute_item
    FROM attempt_rows AS a
    LEFT JOIN function_newest AS f ON f.function_name = a.function_name
)
SELECT
    c.*,
    COALESCE(here.price_usd, anywhere.price_usd) AS gb_s_usd,
    COALESCE(request_here.price_usd, request_anywhere.price_usd) AS one_request_usd
FROM configured AS c
LEFT JOIN prices AS here
    ON here.item = c.compute_item AND here.region = c.known_region AND here.arch = c.known_arch
    AND here.tier_from = 0 AND c.price_day >= here.valid_from AND c.price_day < here.valid_to
LEFT JOIN prices AS anywhere
    ON anywhere.item = c.compute_item AND anywhere.region = '*' AND anywhere.arch = c.known_arch
    AND anywhere.tier_from = 0
    AND c.price_day >= anywhere.valid_from AND c.price_day < anywhere.valid_to
LEFT JOIN prices AS request_here
    ON request_here.item = 'lambda_request' AND request_here.region = c.known_region
    AND request_here.tier_from = 0
    AND c.price_day >= request_here.valid_from AND c.price_day < request_here.valid_to
LEFT JOIN prices AS request_anywhere
    ON request_anywhere.item = 'lambda_request' AND request_anywhere.region = '*'
    AND request_anywhere.tier_from = 0
    AND c.price_day >= request_anywhere.valid_from AND c.price_day < request_anywhere.valid_to;
