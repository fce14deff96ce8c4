-- Which requests (and executions) have a fact in the days that are kept, and which chains are they of? drawn_in are
-- the requests of those chains that are kept for their sake only.
CREATE OR REPLACE TEMP TABLE kept_requests AS
SELECT request_id FROM invocation_starts WHERE day >= $cutoff AND request_id IS NOT NULL
UNION
SELECT request_id FROM invocation_reports
WHERE (day >= $cutoff OR day IS NULL) AND request_id IS NOT NULL
UNION
SELECT request_id FROM invocation_errors WHERE day >= $cutoff AND request_id IS NOT NULL
UNION
SELECT request_id FROM records WHERE day >= $cutoff AND request_id IS NOT NULL
UNION
SELECT request_id FROM record_parts WHERE day >= $cutoff AND request_id IS NOT NULL
UNION
SELECT request_id FROM record_calls WHERE day >= $cutoff AND request_id IS NOT NULL
UNION
SELECT request_id FROM record_causes WHERE day >= $cutoff AND request_id IS NOT NULL
UNION
SELECT execution_arn FROM execution_events WHERE day >= $cutoff AND execution_arn IS NOT NULL
UNION
SELECT execution_arn FROM durable_events WHERE day >= $cutoff AND execution_arn IS NOT NULL
UNION
SELECT request_id FROM attempt_rows WHERE (day >= $cutoff OR day IS NULL) AND request_id IS NOT NULL;

CREATE OR REPLACE TEMP TABLE kept_chains AS
SELECT chain_id FROM member_rows
WHERE chain_id IS NOT NULL AND request_id IN (SELECT request_id FROM kept_requests)
UNION
SELECT chain_id FROM chain_rows WHERE day >= $cutoff AND chain_id IS NOT NULL
UNION
SELECT trace_id FROM xray_segments WHERE day >= $cutoff AND trace_id IS NOT NULL;

CREATE OR REPLACE TEMP TABLE drawn_in AS
SELECT DISTINCT request_id FROM member_rows
WHERE chain_id IN (SELECT chain_id FROM kept_chains)
    AND request_id NOT IN (SELECT request_id FROM kept_requests);
