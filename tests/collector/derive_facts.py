"""Small worlds for tests: executions, calls and dead letters written as facts.

One ``Execution`` makes the rows that its START, record and REPORT lines would make.
"""

from __future__ import annotations

import atexit
import datetime as dt
import json
import math
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from chainlight_collector.store import Store

T0_US = 1_790_000_000_000_000
MS = 1_000
FACT_TABLES = (
    "invocation_starts",
    "invocation_reports",
    "invocation_errors",
    "records",
    "record_calls",
    "record_causes",
    "dead_letter_messages",
    "dead_letter_scans",
    "function_configs",
    "queue_redrives",
    "xray_segments",
    "execution_events",
    "durable_events",
    "reject_rows",
    "record_parts",
    "environment_events",
    "derive_backlog",
)
DERIVED_TABLES = (
    "xray_node_rows",
    "xray_path_rows",
    "execution_rows",
    "execution_state_rows",
    "execution_task_rows",
    "service_rows",
    "attempt_rows",
    "call_rows",
    "wait_rows",
    "cause_rows",
    "link_rows",
    "member_rows",
    "timeline_rows",
    "chain_rows",
    "chain_bill_rows",
    "letter_rows",
    "edge_rows",
    "edge_day_rows",
    "function_day_rows",
)


def open_database() -> duckdb.DuckDBPyConnection:
    """Return an empty database in memory with the whole schema.

    It is copied from one that this process made before: 0.1 s of CPU instead of 1 s.
    """
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"ATTACH '{_template()}' AS template (READ_ONLY)")
    connection.execute("COPY FROM DATABASE template TO memory; DETACH template")
    return connection


@cache
def _template() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="chainlight-template-")
    atexit.register(folder.cleanup)
    path = Path(folder.name, "template.duckdb")
    Store.open(path).close()
    return path


def new_file(path: Path) -> Path:
    """Make an empty database with the whole schema at a path: copied, as in ``open_database``."""
    shutil.copyfile(_template(), path)
    return path


def empty(connection: duckdb.DuckDBPyConnection) -> None:
    for table in FACT_TABLES + DERIVED_TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  our own table names


def chain_of(number: int) -> str:
    return f"1-{T0_US // 1_000_000:08x}-{number:024x}"


def day_of(us: int | None) -> dt.date | None:
    return None if us is None else dt.datetime.fromtimestamp(us / 1e6, dt.UTC).date()


@dataclass
class Call:
    """One call of an execution; ``at_us`` counts from the execution's start."""

    call_id: str
    target: str
    at_us: int
    wait_us: int | None
    kind: str = "lambda"
    is_async: bool = False
    keys: tuple[str, ...] = ()
    status_code: int | None = 200
    error_type: str | None = None
    cpu_us: int = 0
    tries: int = 1
    read: bool | None = None
    is_open: bool = False
    payload_bytes: int | None = None


@dataclass
class Cause:
    """One record of an execution's event."""

    keys: tuple[str, ...] = ()
    call_id: str | None = None
    caller: str | None = None
    chain: str | None = None
    sent_us: int | None = None
    receive_count: int = 1


@dataclass
class Execution:
    """One execution; ``at_us`` counts from T0, ``lines`` says which of its lines were read."""

    function: str
    request: str
    at_us: int
    duration_us: int
    chain: str | None = None
    calls: list[Call] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    lines: str = "start record report"
    outcome: str = "ok"
    status: str | None = None
    error_type: str | None = None
    source: str | None = "lambda"
    stream: str = "s1"
    memory_mb: int = 1024
    init_us: int | None = None
    billed_ms: int | None = None
    trace_root: str | None = None
    other_waits: str | None = None
    arch: str = "x86_64"
    account: str = "111122223333"

    @property
    def started_us(self) -> int:
        """When it began, since the epoch."""
        return T0_US + self.at_us

    @property
    def ended_us(self) -> int:
        """When it ended, since the epoch."""
        return self.started_us + self.duration_us

    def billed(self) -> int:
        """Return its Billed Duration in ms."""
        if self.billed_ms is not None:
            return self.billed_ms
        return -(-(self.duration_us + (self.init_us or 0)) // 1000)

    def rows(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the fact rows of the lines that were read."""
        makers = {"start": self._start, "record": self._record, "report": self._report}
        return [row for line in self.lines.split() for row in makers[line]()]

    def _line(self, logged_us: int) -> dict[str, Any]:
        return {
            "log_group": f"/aws/lambda/{self.function}",
            "log_stream": self.stream,
            "logged_us": logged_us // 1000 * 1000,
            "function_name": self.function,
            "request_id": self.request,
            "day": day_of(logged_us),
        }

    def _start(self) -> list[tuple[str, dict[str, Any]]]:
        line = self._line(self.started_us) | {"trace_root": self.trace_root}
        return [("invocation_starts", line)]

    def _report(self) -> list[tuple[str, dict[str, Any]]]:
        line = self._line(self.ended_us) | {
            "duration_us": self.duration_us,
            "billed_ms": self.billed(),
            "memory_mb": self.memory_mb,
            "max_memory_used_mb": 50,
            "init_us": self.init_us,
            "status": self.status,
            "error_type": self.error_type if self.status else None,
        }
        return [("invocation_reports", line)]

    def _record(self) -> list[tuple[str, dict[str, Any]]]:
        line = self._line(self.ended_us) | {
            "function_arn": f"arn:aws:lambda:eu-west-1:{self.account}:function:{self.function}",
            "account_id": self.account,
            "region": "eu-west-1",
            "chain_id": self.chain,
            "memory_mb": self.memory_mb,
            "arch": self.arch,
            "init_type": "on-demand",
            "is_cold": self.init_us is not None,
            "started_us": self.started_us,
            "ended_us": self.ended_us,
            "outcome": self.outcome,
            "error_type": self.error_type,
            "source_kind": self.source,
            "causes_count": len(self.causes),
            "calls_count": len(self.calls),
            "other_waits": self.other_waits,
            "overhead_us": 20,
            "sample_rate": 1.0,
        }
        calls = [("record_calls", self._call(call)) for call in self.calls]
        causes = [("record_causes", self._cause(*one)) for one in enumerate(self.causes)]
        return [("records", line), *calls, *causes]

    def _call(self, call: Call) -> dict[str, Any]:
        return {
            "call_id": call.call_id,
            "function_name": self.function,
            "request_id": self.request,
            "record_started_us": self.started_us,
            "kind": call.kind,
            "target": call.target,
            "operation": "Invoke",
            "is_async": call.is_async,
            "started_us": self.started_us + call.at_us,
            "wait_us": call.wait_us,
            "cpu_us": call.cpu_us,
            "status_code": call.status_code,
            "error_type": call.error_type,
            "natural_keys": list(call.keys),
            "tries_count": call.tries,
            "payload_bytes": call.payload_bytes,
            "result_was_read": call.read,
            "is_open": call.is_open,
            "day": day_of(self.started_us),
        }

    def _cause(self, index: int, cause: Cause) -> dict[str, Any]:
        return {
            "function_name": self.function,
            "request_id": self.request,
            "record_started_us": self.started_us,
            "cause_index": index,
            "causes_count": len(self.causes),
            "chain_id": cause.chain or self.chain,
            "caller_request_id": cause.caller,
            "call_id": cause.call_id,
            "natural_keys": list(cause.keys),
            "receive_count": cause.receive_count,
            "sent_us": cause.sent_us,
            "day": day_of(self.started_us),
        }


Rows = list[tuple[str, dict[str, Any]]]


def insert(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Insert fact rows, those of one table at once: a file is quicker than parameters."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for table, row in rows:
        tables.setdefault(table, []).append(row)
    for table, table_rows in tables.items():
        _insert_rows(connection, table, table_rows)


def _insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]
) -> None:
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    columns = {name: kind for name, kind, *_ in described if name in rows[0]}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.ndjson")
        text = "\n".join(json.dumps(row, default=str) for row in rows)
        file.write_text(text, encoding="utf-8")
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT * FROM "  # noqa: S608  our own names
            f"read_json('{file}', format='newline_delimited', columns={{{kinds}}})"
        )


def insert_all(connection: duckdb.DuckDBPyConnection, executions: list[Execution]) -> None:
    insert(connection, [row for execution in executions for row in execution.rows()])


def config_of(function: str, **values: Any) -> tuple[str, dict[str, Any]]:
    row = {
        "function_name": function,
        "function_arn": f"arn:aws:lambda:eu-west-1:111122223333:function:{function}",
        "account_id": "111122223333",
        "region": "eu-west-1",
        "owner": "shop",
        "arch": "x86_64",
        "memory_mb": 1024,
        "timeout_s": 30,
        "has_layer": False,
        "dlq_arn": None,
        "on_failure_arn": None,
        "observed_us": T0_US,
    }
    return "function_configs", row | values


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def derived(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Return all derived tables, rows in one order, floats as ``Nearly``: to compare two states."""
    return {
        table: sorted(
            (
                tuple(_nearly(value) for value in row)
                for row in rows_of(connection, f"FROM {table}")
            ),
            key=repr,
        )
        for table in DERIVED_TABLES
    }


class Nearly(float):
    """A sum of floats: equal to the sum of the same floats in any other order.

    Rounding does not do: two sums a bit apart can lie on both sides of where rounding turns.
    """

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and math.isclose(self, other, rel_tol=1e-9, abs_tol=1e-12)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        """Round coarsely: rows are sorted by what they print."""
        return f"{float(self):.4g}"


def _nearly(value: Any) -> Any:
    return Nearly(value) if isinstance(value, float) else value
