-- Without X-Ray and workflows nobody else proposes a cause: the table that causes.sql reads is empty.
CREATE OR REPLACE TEMP TABLE foreign_proposals (
    function_name VARCHAR,
    request_id VARCHAR,
    cause_index INTEGER,
    call_id VARCHAR,
    evidence_rank INTEGER
);
