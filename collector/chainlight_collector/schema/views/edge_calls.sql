-- What did each call do to each function it reached, and what did it cost? One row per (call,
-- callee_function): the rows that edges and edges_daily add up. A call that reached several functions
-- (SNS) has a row for each, its wait divided among them. callee_function is the caller's word for the
-- target (a queue, a topic) where no function has been seen behind it: is_callee_seen is false.
CREATE OR REPLACE VIEW edge_calls AS
SELECT
    e.*,
    CASE
        WHEN e.paid_idle_us = 0 THEN 0
        ELSE e.paid_idle_us / 1000000.0 * COALESCE(e.caller_memory_mb, f.memory_mb) / 1024.0
            * s.price_usd
    END AS paid_idle_usd
FROM edge_rows AS e
LEFT JOIN function_newest AS f ON f.function_name = e.caller_function
LEFT JOIN rates AS s
    ON s.item = compute_item(e.caller_init_type)
    AND s.region = COALESCE(e.caller_region, f.region, '*')
    AND s.arch = COALESCE(e.caller_arch, f.arch)
    AND COALESCE(e.day, DATE '9999-12-30') >= s.valid_from
    AND COALESCE(e.day, DATE '9999-12-30') < s.valid_to;
