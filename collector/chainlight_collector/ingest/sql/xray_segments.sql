-- Which segment documents are these? One row per document that is not yet known in this version.
-- problem is the reason of a reject. Times are epoch seconds in X-Ray, microseconds here.
CREATE OR REPLACE TEMP TABLE parsed_segments AS
SELECT
    *,
    CASE
        WHEN trace_id IS NULL OR NOT regexp_matches(trace_id, '^1-[0-9a-f]{8}-[0-9a-f]{24}$')
            THEN 'X-Ray segment without a trace id (trace_id: 1-8hex-24hex)'
        WHEN coalesce(segment_id, '') = '' THEN 'X-Ray segment without an id'
        WHEN started_us IS NULL THEN 'X-Ray segment without a start_time (epoch seconds)'
    END AS problem
FROM (
    SELECT
        document->>'$.trace_id' AS trace_id,
        document->>'$.id' AS segment_id,
        document->>'$.parent_id' AS parent_id,
        document->>'$.name' AS name,
        document->>'$.origin' AS origin,
        document_format,
        us_of_seconds(document->>'$.start_time') AS started_us,
        us_of_seconds(document->>'$.end_time') AS ended_us,
        coalesce(TRY_CAST(document->>'$.in_progress' AS BOOLEAN), false) AS is_in_progress,
        CAST(document AS VARCHAR) AS document
    FROM read_json(
        $files, format = 'newline_delimited', maximum_object_size = $line_bytes_max,
        columns = {'document_format': 'VARCHAR', 'document': 'JSON'}
    )
);

CREATE OR REPLACE TEMP TABLE fresh_segments AS
SELECT DISTINCT ON (trace_id, segment_id, document_sha256) new.*
FROM (
    SELECT
        * EXCLUDE (problem),
        sha256(document) AS document_sha256,
        $seen_us AS seen_us,
        day_of(started_us) AS day
    FROM parsed_segments
    WHERE problem IS NULL
) AS new
ANTI JOIN (
    SELECT trace_id, segment_id, document_sha256
    FROM xray_segments
    WHERE started_us BETWEEN (SELECT min(started_us) FROM parsed_segments)
        AND (SELECT max(started_us) FROM parsed_segments)
) AS old USING (trace_id, segment_id, document_sha256);

INSERT INTO xray_segments BY NAME SELECT * FROM fresh_segments;

SELECT
    (SELECT count(*) FROM fresh_segments) AS kept_count,
    (SELECT min(started_us) FROM fresh_segments) AS touched_us,
    (SELECT list(problem) FROM parsed_segments WHERE problem IS NOT NULL) AS problems,
    (SELECT list(document) FROM parsed_segments WHERE problem IS NOT NULL) AS raws;
