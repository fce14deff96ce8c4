-- How much is known of each day (UTC)? One row per day, NULL for attempts without a time: whole numbers
-- of that day's attempts, and of its invocations by their first attempts, which the view coverage
-- divides. sampled_count: attempts that stand for others. unlinked_count: invocations without a link;
-- lost_count: those of them that something we could know of has caused. first_gap_us: the earliest
-- attempt with a START and no end.
CREATE TABLE IF NOT EXISTS coverage_day_rows (
    attempts_count BIGINT,
    invocations_count BIGINT,
    records_count BIGINT,
    reports_count BIGINT,
    sampled_count BIGINT,
    unlinked_count BIGINT,
    lost_count BIGINT,
    first_gap_us BIGINT,
    day DATE
);
