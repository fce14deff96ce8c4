-- Where did the time of a trace go? One row per X-Ray trace; the columns from orchestration_us to
-- unclassified_us are parts of its critical path and add up to path_us. trigger_us: from an
-- asynchronous send to its arrival; queue_us: Lambda's own queue; container_init_us and
-- runtime_init_us: cold starts; external_us: other services. cold_starts_count is of the path,
-- functions_count of invocations. gap says what is missing: what is in progress, whose parent never
-- came, what never arrived; NULL where the trace is whole.
CREATE OR REPLACE VIEW chain_breakdown AS
WITH spent AS (
    SELECT
        trace_id,
        SUM(length_us) AS path_us,
        COUNT(*) FILTER (WHERE is_cold_start) AS cold_starts_count,
        COALESCE(SUM(length_us) FILTER (WHERE category = 'orchestration'), 0) AS orchestration_us,
        COALESCE(SUM(length_us) FILTER (WHERE category = 'trigger'), 0) AS trigger_us,
        COALESCE(SUM(length_us) FILTER (WHERE category = 'queue'), 0) AS queue_us,
        COALESCE(SUM(length_us) FILTER (WHERE category = 'container_init'), 0)
            AS container_init_us,
        COALESCE(SUM(length_us) FILTER (WHERE category = 'runtime_init'), 0) AS runtime_init_us,
        COALESCE(SUM(length_us) FILTER (WHERE category = 'compute'), 0) AS compute_us,
        COALESCE(SUM(length_us) FILTER (WHERE category = 'overhead'), 0) AS overhead_us,
        COALESCE(SUM(length_us) FILTER (WHERE category = 'external'), 0) AS external_us,
        COALESCE(SUM(length_us) FILTER (WHERE category = 'unclassified'), 0) AS unclassified_us
    FROM xray_path_rows
    GROUP BY trace_id
),

gaps AS (
    SELECT
        n.trace_id,
        STRING_AGG(
            CASE
                WHEN n.is_in_progress THEN n.name || ' (' || n.node_id || ') is in progress'
                ELSE n.name || ' (' || n.node_id || ') came without its parent ' || n.parent_id
            END,
            '; ' ORDER BY n.started_us, n.node_id
        ) AS gap
    FROM xray_node_rows AS n
    LEFT JOIN xray_node_rows AS p ON p.trace_id = n.trace_id AND p.node_id = n.parent_id
    WHERE n.is_in_progress OR (n.parent_id IS NOT NULL AND p.node_id IS NULL)
    GROUP BY n.trace_id
),

counted AS (
    SELECT
        trace_id,
        MIN(started_us) AS started_us,
        MAX(COALESCE(ended_us, started_us)) AS ended_us,
        COUNT(*) FILTER (WHERE service = 'lambda') AS functions_count,
        COUNT(*) FILTER (WHERE is_error) AS errors_count,
        COUNT(*) FILTER (WHERE is_throttle) AS throttles_count,
        COUNT(*) FILTER (WHERE is_fault) AS faults_count,
        MIN(day) AS day
    FROM xray_node_rows
    GROUP BY trace_id
)

SELECT
    c.trace_id,
    make_timestamptz(c.started_us) AS started_at,
    c.ended_us - c.started_us AS total_us,
    c.functions_count,
    COALESCE(s.cold_starts_count, 0) AS cold_starts_count,
    c.errors_count,
    c.throttles_count,
    c.faults_count,
    s.orchestration_us,
    s.trigger_us,
    s.queue_us,
    s.container_init_us,
    s.runtime_init_us,
    s.compute_us,
    s.overhead_us,
    s.external_us,
    s.unclassified_us,
    COALESCE(s.path_us, 0) AS path_us,
    g.gap,
    c.started_us,
    c.day
FROM counted AS c
LEFT JOIN spent AS s ON s.trace_id = c.trace_id
LEFT JOIN gaps AS g ON g.trace_id = c.trace_id;
