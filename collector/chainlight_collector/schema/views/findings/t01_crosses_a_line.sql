-- T1: does the call cross an ownership line? Fires for every edge that does and of whose owners
-- nobody said what agreeing costs them: within one account it is taken as cheap, and the edge goes on
-- to T4. The owners are those of settings, records or tags, else accounts, else regions.
CREATE OR REPLACE MACRO finding_t01(e) AS
CASE WHEN e.crosses_line AND NOT e.is_expensive AND e.is_expensive_by_setting IS NULL
    AND e.calls_count >= e.calls_min
THEN {
    'rule': 'T1',
    'verdict': 'leave_alone',
    'saving_usd_month': 0.0,
    'arithmetic': printf(
        'crosses from %s to %s: %.0f calls a month, %d foreign callers of %s (%s)',
        e.from_owner, e.to_owner, e.calls_count * e.month_factor, e.foreign_callers_count,
        e.callee_function, e.window_text
    ),
    'counter_evidence': 'nobody said whether agreeing on a change is expensive for these two; in one '
        || 'account it is taken as cheap (chainlight settings, section coordination)',
    'is_last': FALSE
} END;
