-- What did the demo run amount to? One row. `_us` microseconds, `_usd` US dollars at list price.
SELECT
    (SELECT count(*) FROM chains) AS chains_count,
    (SELECT count(*) FROM attempts) AS attempts_count,
    (SELECT count(*) FROM attempts WHERE attempt_number > 1) AS retries_count,
    (SELECT count(*) FROM dead_letters) AS dead_letters_count,
    (SELECT sum(paid_idle_us) FROM attempts) AS paid_idle_us,
    (SELECT sum(paid_idle_usd) FROM attempts) AS paid_idle_usd,
    (SELECT sum(cost_usd) FROM attempts) AS cost_usd,
    (SELECT sum(billed_ms) FROM attempts) AS billed_ms,
    (
        SELECT sum(with_record_share * invocations_count) / sum(invocations_count)
        FROM coverage
    ) AS with_record_share,
    (
        SELECT sum(linked_share * invocations_count) / sum(invocations_count)
        FROM coverage
    ) AS linked_share,
    (SELECT count(*) FROM rejects) AS rejects_count
