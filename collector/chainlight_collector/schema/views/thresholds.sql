-- Which thresholds do the findings use? One row per setting.
CREATE OR REPLACE VIEW thresholds AS
SELECT
    seed.name,
    COALESCE(own.value, seed.value) AS value,
    own.value IS NOT NULL AS is_overridden,
    seed.meaning
FROM threshold_seeds AS seed
LEFT JOIN threshold_overrides AS own ON own.name = seed.name;
