-- Which chains share a request with one that was drawn in, and what do these draw in?
INSERT INTO kept_requests SELECT request_id FROM drawn_in;

INSERT INTO kept_chains
SELECT DISTINCT chain_id FROM member_rows
WHERE request_id IN (SELECT request_id FROM drawn_in)
    AND chain_id IS NOT NULL
    AND chain_id NOT IN (SELECT chain_id FROM kept_chains);

CREATE OR REPLACE TEMP TABLE drawn_in AS
SELECT DISTINCT request_id FROM member_rows
WHERE chain_id IN (SELECT chain_id FROM kept_chains)
    AND request_id NOT IN (SELECT request_id FROM kept_requests);
