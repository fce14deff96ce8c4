-- What does AWS ask in each month, volume tiers included? One row per month, account, region and item;
-- quantity in the item's units, list_usd at the first tier, tiered_usd through all tiers (they are the
-- account's and region's; an organisation's consolidated tiers may be lower). Only what was observed.
CREATE OR REPLACE VIEW monthly_bill AS
WITH used AS (
    SELECT
        DATE_TRUNC('month', day) AS month, account_id, region, compute_item(init_type) AS item, arch,
        SUM(billed_gb_s) AS quantity
    FROM function_totals
    GROUP BY DATE_TRUNC('month', day), account_id, region, compute_item(init_type), arch
    UNION ALL
    SELECT
        DATE_TRUNC('month', day) AS month, account_id, region, 'lambda_request' AS item, '*' AS arch,
        SUM(billed_known_count) AS quantity
    FROM function_totals
    GROUP BY DATE_TRUNC('month', day), account_id, region
),

own_books AS (
    SELECT DISTINCT item, arch, region FROM prices
),

booked AS (
    SELECT u.*, COALESCE(o.region, '*') AS book_region
    FROM used AS u
    LEFT JOIN own_books AS o ON o.item = u.item AND o.arch = u.arch AND o.region = u.region
    WHERE u.quantity > 0
),

tiers AS (
    SELECT
        p.*,
        COALESCE(LEAD(p.tier_from) OVER (
            PARTITION BY p.item, p.region, p.arch, p.valid_to ORDER BY p.tier_from
        ), 1e308) AS tier_to
    FROM prices AS p
),

priced AS (
    SELECT
        u.*, t.tier_from, t.price_usd,
        GREATEST(0, LEAST(u.quantity, t.tier_to) - t.tier_from) AS tier_quantity
    FROM booked AS u
    INNER JOIN tiers AS t
        ON t.item = u.item AND t.arch = u.arch AND t.region = u.book_region
        AND u.month >= t.valid_from AND u.month < t.valid_to
)

SELECT
    CAST(month AS DATE) AS month,
    account_id,
    region,
    item,
    arch,
    quantity,
    quantity * MAX(price_usd) FILTER (WHERE tier_from = 0) AS list_usd,
    SUM(tier_quantity * price_usd) AS tiered_usd
FROM priced
GROUP BY month, account_id, region, item, arch, quantity;
