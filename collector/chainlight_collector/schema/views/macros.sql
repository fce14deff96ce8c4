-- Short ways to ask: chain(id) is one chain's timeline; price_of(…) is the compute price in US
-- dollars of one execution (without its request), by region (else '*'), architecture and date.
CREATE OR REPLACE MACRO chain(id) AS TABLE
SELECT * FROM chain_timeline WHERE chain_timeline.chain_id = id ORDER BY chain_timeline.row;

CREATE OR REPLACE MACRO price_of(billed_ms, memory_mb, arch_name, region_name, instant) AS
billed_ms / 1000.0 * memory_mb / 1024.0 * (
    SELECT MAX_BY(p.price_usd, p.region <> '*')
    FROM prices AS p
    WHERE p.item = 'lambda_gb_s' AND p.tier_from = 0 AND p.arch = arch_name
        AND p.region IN (region_name, '*')
        AND CAST(instant AS DATE) >= p.valid_from AND CAST(instant AS DATE) < p.valid_to
);
