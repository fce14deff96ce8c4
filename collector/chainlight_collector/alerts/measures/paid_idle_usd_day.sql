-- How many dollars a day are paid for waiting? One row: value (NULL where nothing is known), words.
-- The window's sum, taken to a day; a window of less than a day counts as it is, so that an hour's
-- burst is not multiplied by 24.
SELECT
    sum(paid_idle_usd) / greatest(1.0, ($to_us - $from_us) / 86400e6) AS value,
    'paid at list price in the window' AS words
FROM attempts
WHERE started_us >= $from_us AND started_us < $to_us
