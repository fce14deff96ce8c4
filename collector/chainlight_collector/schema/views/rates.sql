-- What is one unit's price in a region that we have seen? One row per item, region, architecture and
-- period, at the first tier: the region's own price, where the book names it, else that of '*'.
CREATE OR REPLACE VIEW rates AS
WITH regions AS (
    SELECT '*' AS region
    UNION
    SELECT region FROM function_day_rows WHERE region IS NOT NULL
    UNION
    SELECT region FROM function_configs WHERE region IS NOT NULL
)
SELECT p.item, r.region, p.arch, p.price_usd, p.valid_from, p.valid_to, p.is_checked
FROM regions AS r
INNER JOIN prices AS p ON p.region = r.region AND p.tier_from = 0
UNION ALL
SELECT p.item, r.region, p.arch, p.price_usd, p.valid_from, p.valid_to, p.is_checked
FROM regions AS r
CROSS JOIN prices AS p
WHERE p.region = '*' AND r.region <> '*' AND p.tier_from = 0 AND NOT EXISTS (
    SELECT 1
    FROM prices AS own
    WHERE own.item = p.item AND own.arch = p.arch AND own.region = r.region
        AND own.tier_from = 0
        AND own.valid_from < p.valid_to AND own.valid_to > p.valid_from
);
