-- Between which instants does this part lie? One row: earliest and latest logged_us, and whether
-- any line has no time. Facts outside of that window cannot be the same as a line of the part.
SELECT
    coalesce(min(logged_us), 0) AS from_us,
    coalesce(max(logged_us), -1) AS to_us,
    coalesce(bool_or(logged_us IS NULL), false) AS has_untimed
FROM (
    SELECT logged_us FROM log_lines WHERE kind NOT IN ('other', 'platform')
    UNION ALL
    SELECT logged_us FROM platform_lines
);
