-- Which share of the days' invocations is linked to its cause? One row: value (NULL without any),
-- words. Whole days (UTC) that the window touches, weighted by invocations.
SELECT
    sum(linked_share * invocations_count) / nullif(sum(invocations_count) FILTER (linked_share IS NOT NULL), 0)
        AS value,
    'of ' || sum(invocations_count)::BIGINT || ' invocations' AS words
FROM coverage
WHERE day >= make_timestamp($from_us)::DATE AND day <= make_timestamp($to_us)::DATE
