-- Which share of the window's chains failed? One row: value (NULL without a chain), words.
SELECT
    count(*) FILTER (status IN ('failed', 'partial', 'dead_lettered')) / nullif(count(*), 0) AS value,
    count(*) FILTER (status IN ('failed', 'partial', 'dead_lettered')) || ' of ' || count(*)
        || ' chains failed' AS words
FROM chains
WHERE started_us >= $from_us AND started_us < $to_us
