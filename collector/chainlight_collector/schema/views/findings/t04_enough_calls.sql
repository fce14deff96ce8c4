-- T4: sync or async? Before that: is there enough to judge by? Fires below the floor of calls. Edges
-- above it go on: sync to T5, T6 and T7, async to T8, T9 and T10. Money is not extrapolated here.
CREATE OR REPLACE MACRO finding_t04(e) AS
CASE WHEN e.calls_count < e.calls_min
THEN {
    'rule': 'T4',
    'verdict': 'not_enough_calls',
    'saving_usd_month': CAST(NULL AS DOUBLE),
    'arithmetic': printf('%s; the floor is %d calls', e.window_text, CAST(e.calls_min AS BIGINT)),
    'counter_evidence': 'a longer window may bring enough calls',
    'is_last': TRUE
} END;
