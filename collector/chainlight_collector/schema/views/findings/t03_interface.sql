-- T3: what belongs between two owners who cannot agree cheaply? An API before a sync call, a topic
-- before an async one; direct invokes only: what comes over HTTP, a topic or a queue has its
-- interface. saving_usd_month is what it costs, so below zero.
CREATE OR REPLACE MACRO finding_t03(e) AS
CASE WHEN e.wants_interface
THEN {
    'rule': 'T3',
    'verdict': 'add_interface',
    'saving_usd_month': -e.calls_count * e.month_factor
        * CASE WHEN e.mode = 'sync' THEN e.one_api_usd ELSE e.one_topic_usd END,
    'arithmetic': printf(
        '%s for %s: %.0f calls a month x $%.7f = $%.4f; %d foreign callers of %s, from %s to %s (%s)',
        CASE WHEN e.mode = 'sync' THEN 'an HTTP API in front' ELSE 'a topic in front' END,
        e.callee_function, e.calls_count * e.month_factor,
        CASE WHEN e.mode = 'sync' THEN e.one_api_usd ELSE e.one_topic_usd END,
        e.calls_count * e.month_factor
        * CASE WHEN e.mode = 'sync' THEN e.one_api_usd ELSE e.one_topic_usd END,
        e.foreign_callers_count, e.callee_function, e.from_owner, e.to_owner, e.window_text
    ),
    'counter_evidence': CASE WHEN e.mode = 'sync'
        THEN 'an API adds its own milliseconds to every call, not measured here, and a limit of 10 MB'
        ELSE 'a topic adds delivery time, and its messages are limited to 256 KB' END,
    'is_last': TRUE
} END;
