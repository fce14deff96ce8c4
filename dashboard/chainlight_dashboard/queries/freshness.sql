-- How old and how complete is what the pages show? One row.
-- collected_us is the end of the newest collector run, NULL where rows were only imported.
-- Shares are weighted by invocations over all days that have them.
-- columns: collected_us, run_outcome, run_detail, newest_us, invocations_count, with_record_share,
--   with_report_share, linked_share, sampled_share, rejects_count
WITH newest_run AS (
    SELECT ended_us, outcome, detail FROM collector_runs ORDER BY started_us DESC LIMIT 1
)
SELECT
    (SELECT ended_us FROM newest_run) AS collected_us,
    (SELECT outcome FROM newest_run) AS run_outcome,
    (SELECT detail FROM newest_run) AS run_detail,
    (SELECT epoch_us(max(started_at)) FROM chains) AS newest_us,
    sum(invocations_count)::BIGINT AS invocations_count,
    sum(with_record_share * invocations_count) / nullif(sum(invocations_count), 0)
        AS with_record_share,
    sum(with_report_share * invocations_count) / nullif(sum(invocations_count), 0)
        AS with_report_share,
    sum(linked_share * invocations_count)
        / nullif(sum(invocations_count) FILTER (linked_share IS NOT NULL), 0) AS linked_share,
    sum(sampled_share * invocations_count) / nullif(sum(invocations_count), 0) AS sampled_share,
    sum(rejects_count)::BIGINT AS rejects_count
FROM coverage
