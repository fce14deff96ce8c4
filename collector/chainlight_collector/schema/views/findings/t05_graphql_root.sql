-- T5: is the caller a GraphQL root? Resolvers call others because that is what they are for: sync
-- edges below one (invoked by AppSync, or named in the settings) are left alone.
CREATE OR REPLACE MACRO finding_t05(e) AS
CASE WHEN e.mode = 'sync' AND e.calls_count >= e.calls_min AND e.is_graphql_root
    AND NOT e.wants_interface
THEN {
    'rule': 'T5',
    'verdict': 'leave_alone',
    'saving_usd_month': 0.0,
    'arithmetic': printf(
        '%s resolves GraphQL (%d of %d calls came from AppSync); waiting cost $%.6f in the window (%s)',
        e.caller_function, e.graphql_count, e.calls_count, COALESCE(e.paid_idle_usd, 0), e.window_text
    ),
    'counter_evidence': 'a resolver that AppSync could call itself needs no function in between',
    'is_last': TRUE
} END;
