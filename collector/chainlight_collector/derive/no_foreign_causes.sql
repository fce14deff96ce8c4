-- Without X-Ray and workflows nobody else tells of causes: the tables that causes.sql reads are empty.
CREATE OR REPLACE TEMP TABLE foreign_proposals (
    function_name VARCHAR,
    request_id VARCHAR,
    cause_index INTEGER,
    call_id VARCHAR,
    evidence_rank INTEGER
);

CREATE OR REPLACE TEMP TABLE foreign_told (
    function_name VARCHAR,
    request_id VARCHAR,
    cause_index INTEGER
);
