-- What can be asked? One row per column of every view and table.
-- columns: relation, column_name, data_type, is_view
SELECT
    columns.table_name AS relation,
    columns.column_name,
    columns.data_type,
    views.view_name IS NOT NULL AS is_view
FROM duckdb_columns() AS columns
LEFT JOIN duckdb_views() AS views
    ON views.view_name = columns.table_name AND views.schema_name = columns.schema_name
WHERE NOT columns.internal AND columns.schema_name = 'main' AND columns.database_name <> 'memory'
ORDER BY is_view DESC, relation, columns.column_index
