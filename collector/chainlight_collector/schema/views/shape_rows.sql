-- What does a chain of this shape typically look like? One row per shape and row of its waterfall, in
-- the layout of the shape's newest chain; offsets from the chain's start and lengths in microseconds,
-- over the newest 500 chains of the shape that did not fail. Clocks of two functions may disagree, so
-- an offset may lie before its parent's.
CREATE OR REPLACE VIEW shape_rows AS
WITH ranked AS (
    SELECT
        shape_id, chain_id, started_us,
        ROW_NUMBER() OVER (PARTITION BY shape_id ORDER BY started_us DESC, chain_id) AS newness
    FROM chain_rows
    WHERE failed_invocations_count = 0
),

layout AS (
    SELECT r.shape_id, t.place, t.row, t.parent_row, t.depth, t.function_name, t.edge_kind
    FROM ranked AS r
    INNER JOIN timeline_rows AS t ON t.chain_id = r.chain_id
    WHERE r.newness = 1
),

measured AS (
    SELECT
        r.shape_id,
        t.place,
        COUNT(*) AS chains_count,
        QUANTILE_CONT(t.started_us - r.started_us, [0.5, 0.95]) AS offsets_us,
        QUANTILE_CONT(t.ended_us - t.started_us, [0.5, 0.95]) AS lengths_us,
        QUANTILE_CONT(t.started_us - t.sent_us, 0.5) AS queued_p50_us
    FROM ranked AS r
    INNER JOIN timeline_rows AS t ON t.chain_id = r.chain_id
    WHERE r.newness <= 500
    GROUP BY r.shape_id, t.place
)

SELECT
    l.shape_id,
    l.row,
    l.parent_row,
    l.depth,
    l.function_name,
    l.edge_kind,
    m.chains_count,
    CAST(ROUND(m.offsets_us[1]) AS BIGINT) AS offset_p50_us,
    CAST(ROUND(m.offsets_us[2]) AS BIGINT) AS offset_p95_us,
    CAST(ROUND(m.lengths_us[1]) AS BIGINT) AS duration_p50_us,
    CAST(ROUND(m.lengths_us[2]) AS BIGINT) AS duration_p95_us,
    CAST(ROUND(m.queued_p50_us) AS BIGINT) AS queued_p50_us,
    l.place
FROM layout AS l
INNER JOIN measured AS m ON m.shape_id = l.shape_id AND m.place = l.place;
