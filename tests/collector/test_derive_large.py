"""What is large stays in bounds: a chain takes memory by its invocations, not by their square."""

from __future__ import annotations

from chainlight_collector.derive import derive

from .derive_facts import T0_US, open_database

INVOCATIONS = 12_000
FACTS = """
INSERT INTO records BY NAME
SELECT
    'chain' AS chain_id, 'r' || n AS request_id, 'function-' || n AS function_name,
    $t0_us + n AS started_us, $t0_us + n + 1000 AS ended_us, $t0_us + n + 1000 AS logged_us,
    'ok' AS outcome, DATE '2026-09-21' AS day
FROM range($count) AS invocations (n)
"""


def test_a_chain_of_very_many_paths_is_derived_in_little_memory() -> None:
    connection = open_database()
    connection.execute(FACTS, {"t0_us": T0_US, "count": INVOCATIONS})
    connection.execute("SET memory_limit = '250MB'; SET max_temp_directory_size = '0KB'")
    derive(connection, None)

    found = connection.execute(
        "SELECT invocations_count, functions_count, length(shape) > 100000 FROM chains"
    ).fetchall()
    connection.close()
    assert found == [(INVOCATIONS, INVOCATIONS, True)]
