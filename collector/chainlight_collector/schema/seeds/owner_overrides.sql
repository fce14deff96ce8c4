-- Who answers for a function, in your own words: one row per pattern of function names (* and ?).
-- It hides what records and tags say.
CREATE TABLE IF NOT EXISTS owner_overrides (
    function_pattern VARCHAR,
    owner VARCHAR
);
