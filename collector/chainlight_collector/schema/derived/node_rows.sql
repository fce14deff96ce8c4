-- What can cause and be caused? One row per execution of a function (node_kind 'function') and per
-- service's piece of work (node_kind: its kind). The steps of derive that follow causes read this.
CREATE OR REPLACE VIEW node_rows AS
SELECT
    function_name, request_id, attempt_number, started_us, ended_us, recorded_chain_id, trace_root,
    source_kind, outcome, has_report, has_record, 'function' AS node_kind, day
FROM attempt_rows
UNION ALL
SELECT
    function_name, request_id, CAST(1 AS INTEGER) AS attempt_number, started_us, ended_us,
    CAST(NULL AS VARCHAR) AS recorded_chain_id, trace_root, kind AS source_kind, outcome,
    ended_us IS NOT NULL AS has_report, FALSE AS has_record, kind AS node_kind, day
FROM service_rows;
