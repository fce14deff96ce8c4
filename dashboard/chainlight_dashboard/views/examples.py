"""Queries to start from on the SQL page; a test runs each of them."""

EXAMPLES = {
    "most idle edges": """\
SELECT caller_function, target, mode, count(*) AS calls_count,
       sum(wait_us) / 1e6 AS wait_s
FROM calls
WHERE mode = 'sync'
GROUP BY ALL
ORDER BY wait_s DESC""",
    "cost by function": """\
SELECT function_name, count(*) AS attempts_count, sum(billed_ms) AS billed_ms,
       sum(cost_usd) AS cost_usd, sum(paid_idle_usd) AS paid_idle_usd
FROM attempts
GROUP BY ALL
ORDER BY cost_usd DESC""",
    "failed attempts": """\
SELECT started_at, function_name, attempt_number, outcome, error_type, billed_ms
FROM attempts
WHERE outcome <> 'ok'
ORDER BY started_at DESC""",
    "cold starts on a chain": """\
SELECT chain_id, entry_function, cold_starts_count, wall_us / 1e6 AS wall_s
FROM chains
WHERE cold_starts_count > 0
ORDER BY cold_starts_count DESC, wall_s DESC""",
    "dead letters": """\
SELECT function_name, condition, error_message, count(*) AS messages_count
FROM dead_letters
WHERE NOT is_gone
GROUP BY ALL
ORDER BY messages_count DESC""",
    "how links were found": """\
SELECT evidence, count(*) AS links_count
FROM links
GROUP BY ALL
ORDER BY links_count DESC""",
}
