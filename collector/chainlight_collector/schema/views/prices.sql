-- What is every price taken from? One row per item, region, architecture, tier and period;
-- US dollars per `unit`. Rows of price_overrides stand in the place of the seeds they name.
CREATE OR REPLACE VIEW prices AS
SELECT
    item, region, arch, tier_from, unit, price_usd, valid_from, valid_to,
    'override' AS origin, TRUE AS is_checked
FROM price_overrides
UNION ALL
SELECT
    seed.item, seed.region, seed.arch, seed.tier_from, seed.unit, seed.price_usd,
    seed.valid_from, seed.valid_to, 'list price' AS origin, seed.is_checked
FROM price_seeds AS seed
WHERE NOT EXISTS (
    SELECT 1
    FROM price_overrides AS own
    WHERE own.item = seed.item AND own.region = seed.region AND own.arch = seed.arch
);
