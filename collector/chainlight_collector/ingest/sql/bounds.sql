-- What is in this part? One row: earliest and latest logged_us, whether any line has no time, and
-- which kinds of lines there are. Facts outside of that window cannot be the same as a line of it.
SELECT
    coalesce(min(logged_us), 0) AS from_us,
    coalesce(max(logged_us), -1) AS to_us,
    coalesce(bool_or(has_untimed), false) AS has_untimed,
    coalesce(list(DISTINCT kind), []) AS kinds
FROM (
    SELECT kind, min(logged_us) AS logged_us, bool_or(logged_us IS NULL) AS has_untimed
    FROM log_lines
    WHERE kind NOT IN ('other', 'platform', 'unreadable')
    GROUP BY kind
    UNION ALL
    SELECT kind, max(logged_us), false
    FROM log_lines
    WHERE kind NOT IN ('other', 'platform', 'unreadable')
    GROUP BY kind
    UNION ALL
    SELECT 'platform', min(logged_us), bool_or(logged_us IS NULL) FROM platform_lines
    HAVING count(*) > 0
    UNION ALL
    SELECT 'platform', max(logged_us), false FROM platform_lines HAVING count(*) > 0
);
