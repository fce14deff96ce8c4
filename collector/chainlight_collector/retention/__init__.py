"""Old rows go, a day at a time, with everything that follows from them.

A chain goes whole or stays whole: one that reaches into the days that are kept keeps its older
facts too, and so does every chain that shares an execution with it. So the derived rows that are
left are those that the facts that are left would give. Checkpoints, settings and the newest state
of functions, queues and log groups never go.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING

from chainlight_collector import derive

if TYPE_CHECKING:
    import duckdb

DAY_US = 24 * 3600 * 1_000_000

_REQUEST = "day < $cutoff AND ({column} IS NULL OR {column} NOT IN (FROM kept_requests))"
_DERIVED = "{column} NOT IN (FROM kept_requests)"
_CHAIN = "{column} NOT IN (FROM kept_chains)"
_STATE = (
    "day < $cutoff AND ({column}, observed_us) NOT IN "
    "(SELECT ({column}, max(observed_us)) FROM {table} GROUP BY {column})"
)
_DAY = "day < $cutoff"

_RULES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "invocation_starts",
            "invocation_reports",
            "invocation_errors",
            "records",
            "record_parts",
            "record_calls",
            "record_causes",
            "dead_letter_messages",
        ),
        (_REQUEST, "request_id"),
    ),
    **dict.fromkeys(
        ("attempt_rows", "wait_rows", "cause_rows", "member_rows"), (_DERIVED, "request_id")
    ),
    **dict.fromkeys(("call_rows", "edge_rows"), (_DERIVED, "caller_request_id")),
    **dict.fromkeys(("execution_events", "durable_events"), (_REQUEST, "execution_arn")),
    **dict.fromkeys(
        ("execution_rows", "execution_state_rows", "execution_task_rows"),
        (_DERIVED, "execution_arn"),
    ),
    "service_rows": (_DERIVED, "request_id"),
    "link_rows": (_DERIVED, "callee_request_id"),
    **dict.fromkeys(
        ("timeline_rows", "chain_rows", "chain_bill_rows", "letter_rows"), (_CHAIN, "chain_id")
    ),
    **dict.fromkeys(("xray_segments", "xray_node_rows", "xray_path_rows"), (_CHAIN, "trace_id")),
    "function_configs": (_STATE, "function_arn"),
    "queue_redrives": (_STATE, "queue_arn"),
    "log_group_configs": (_STATE, "log_group"),
    "event_source_mappings": (_STATE, "mapping_id"),
    "dead_letter_routes": (_STATE, "route_id"),
    "alert_states": (_STATE, "measure"),
}
"""How rows of a table go: the condition, and the column it looks at. Others with a day go by it."""

_WITH_DAY = """
SELECT table_name FROM duckdb_columns()
WHERE column_name = 'day' AND NOT internal AND database_name = current_database()
    AND table_name IN (
        SELECT table_name FROM duckdb_tables()
        WHERE NOT temporary AND database_name = current_database()
    )
ORDER BY table_name
"""
_OLD_RUNS = "DELETE FROM collector_runs WHERE started_us < epoch_us(CAST($cutoff AS TIMESTAMP))"


def cutoff(now_us: int, keep_us: int) -> date:
    """Return the first day that is kept: the UTC day in which `keep_us` ago lies."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=now_us - keep_us)).date()


def expire(connection: duckdb.DuckDBPyConnection, first_day: date) -> int:
    """Delete what is older than `first_day` and return how many rows that were.

    Runs in the caller's transaction.
    """
    parameters = {"cutoff": first_day}
    _run(connection, "kept.sql", parameters)
    while connection.execute("SELECT 1 FROM drawn_in LIMIT 1").fetchone():
        _run(connection, "draw_in.sql", {})
    tables = [name for (name,) in connection.execute(_WITH_DAY).fetchall()]
    deleted_count = sum(_delete(connection, table, parameters) for table in tables)
    connection.execute(_OLD_RUNS, parameters)
    derive.add_up_days_before(connection, first_day)
    _run(connection, "forget.sql", {})
    return deleted_count


def _delete(connection: duckdb.DuckDBPyConnection, table: str, parameters: dict[str, date]) -> int:
    condition, column = _RULES.get(table, (_DAY, ""))
    where = condition.format(table=table, column=column)
    given = parameters if "$cutoff" in where else None
    row = connection.execute(f"DELETE FROM {table} WHERE {where}", given).fetchone()  # noqa: S608
    return int(row[0]) if row else 0


def _run(connection: duckdb.DuckDBPyConnection, name: str, parameters: dict[str, date]) -> None:
    text = (resources.files(__package__) / name).read_text("utf-8")
    for statement in connection.extract_statements(text):
        given = {key: parameters[key] for key in statement.named_parameters}
        connection.execute(statement, given or None)
