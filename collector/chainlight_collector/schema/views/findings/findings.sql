-- Is this call really so bad? One row per rule and edge: what to do, the money, the arithmetic and
-- what would make it wrong. "Leave alone" is a finding. Rules: the decision tree T1 to T10, one macro
-- a file; all look at an edge once. is_last: the tree ends here for this edge (T1, T2 go on).
CREATE OR REPLACE VIEW findings AS
SELECT
    finding.rule,
    finding.verdict,
    caller_function,
    callee_function,
    kind,
    mode,
    calls_count,
    window_days,
    finding.saving_usd_month,
    finding.arithmetic,
    finding.counter_evidence,
    finding.is_last,
    caller_owner,
    callee_owner
FROM (
    SELECT
        e.caller_function, e.callee_function, e.kind, e.mode, e.calls_count, e.window_days,
        e.caller_owner, e.callee_owner,
        UNNEST([
            finding_t01(e), finding_t02(e), finding_t03(e), finding_t04(e), finding_t05(e),
            finding_t06(e), finding_t07(e), finding_t08(e), finding_t09(e), finding_t10(e)
        ]) AS finding
    FROM (SELECT one AS e FROM finding_changes AS one)
)
WHERE finding IS NOT NULL;
