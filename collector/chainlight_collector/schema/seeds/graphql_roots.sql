-- Which functions resolve a GraphQL query, beside those that AppSync invokes? One row per pattern.
CREATE TABLE IF NOT EXISTS graphql_roots (
    function_pattern VARCHAR
);
