-- Who answers for each function, and how do we know? One row per function; origin: 'setting' (your
-- own pattern, the longest that fits), 'record' (CHAINLIGHT_OWNER), 'tag' (tag owner or team, else
-- the stack); NULL where nobody is named.
CREATE OR REPLACE VIEW owners AS
WITH named AS (
    SELECT DISTINCT function_name FROM function_day_rows
    UNION
    SELECT function_name FROM function_configs
),

settings AS (
    SELECT n.function_name, MAX_BY(o.owner, (LENGTH(o.function_pattern), o.owner)) AS owner
    FROM named AS n
    INNER JOIN owner_overrides AS o ON n.function_name GLOB o.function_pattern
    GROUP BY n.function_name
),

records_newest AS (
    SELECT function_name, MAX_BY(owner, (day, owner)) AS owner
    FROM function_day_rows
    WHERE owner IS NOT NULL
    GROUP BY function_name
)

SELECT
    n.function_name,
    COALESCE(s.owner, r.owner, f.owner) AS owner,
    CASE
        WHEN s.owner IS NOT NULL THEN 'setting'
        WHEN r.owner IS NOT NULL THEN 'record'
        WHEN f.owner IS NOT NULL THEN 'tag'
    END AS origin
FROM named AS n
LEFT JOIN settings AS s ON s.function_name = n.function_name
LEFT JOIN records_newest AS r ON r.function_name = n.function_name
LEFT JOIN function_newest AS f ON f.function_name = n.function_name;
