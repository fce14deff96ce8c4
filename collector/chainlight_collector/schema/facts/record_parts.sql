-- Which pieces of a split record line came: one row per piece, with its raw text, so that a record
-- is the same whichever piece comes first or last. Only lines above 200 KB are split: rare.
-- Natural key: function_arn, request_id, started_us, is_final, part (from 1).
-- is_final is false for the record printed before a timeout.
CREATE TABLE IF NOT EXISTS record_parts (
    function_arn VARCHAR,
    request_id VARCHAR,
    started_us BIGINT,
    is_final BOOLEAN,
    part INTEGER,
    parts_count INTEGER,
    log_group VARCHAR,
    log_stream VARCHAR,
    logged_us BIGINT,
    ingested_us BIGINT,
    raw VARCHAR,
    day DATE
);
