-- How long is the time that we have seen? One row: days from the first to the last execution, a day
-- at least, and what a figure of the window is to be multiplied by for a month of 30 days.
CREATE OR REPLACE VIEW observed_window AS
SELECT
    GREATEST(COALESCE(MAX(last_us) - MIN(first_us), 0), 86400000000) / 86400000000.0 AS window_days,
    30.0 * 86400000000.0 / GREATEST(COALESCE(MAX(last_us) - MIN(first_us), 0), 86400000000)
        AS month_factor
FROM function_day_rows;
