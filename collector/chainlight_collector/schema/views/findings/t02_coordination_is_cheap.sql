-- T2: is it expensive for the two owners to agree? Fires where a setting says that it is cheap: the
-- edge is judged like any other, and what is given up is said.
CREATE OR REPLACE MACRO finding_t02(e) AS
CASE WHEN e.crosses_line AND NOT e.is_expensive AND NOT e.is_expensive_by_setting
    AND e.calls_count >= e.calls_min
THEN {
    'rule': 'T2',
    'verdict': 'leave_alone',
    'saving_usd_month': 0.0,
    'arithmetic': printf(
        'from %s to %s, %.0f calls a month: agreeing is cheap by your setting, so no interface (%s)',
        e.from_owner, e.to_owner, e.calls_count * e.month_factor, e.window_text
    ),
    'counter_evidence': printf(
        'given up: %s cannot change its payload or move %s without asking %s',
        e.to_owner, e.callee_function, e.from_owner
    ),
    'is_last': FALSE
} END;
