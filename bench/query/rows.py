"""The rows of the benchmark: seven hours derived by the collector's own code, then repeated.

The template's facts go through ``derive``; its derived rows are then copied with other ids and
later times, a copy for each seven hours, and the days are added up by the collector itself. So ten
million attempts stand for a month of four a second.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from chainlight_collector import derive
from chainlight_collector.store import Settings, Store

if TYPE_CHECKING:
    import duckdb

SETTINGS = Settings(threads=2, memory_limit="6GB")
TEMPLATE_ATTEMPTS = 102_800
SPAN_US = 26_000_000_000
FIRST_US = 1_790_000_000_000_000
COPIES_AT_ONCE = 12
"""More than a row group: such an insert is written once, a smaller one three times."""
COPIED = (
    "attempt_rows",
    "call_rows",
    "cause_rows",
    "wait_rows",
    "link_rows",
    "member_rows",
    "timeline_rows",
    "chain_rows",
    "edge_rows",
)
_SHIFT = f"$copy * {SPAN_US}"
_EPOCH = f"CAST('0x' || {{0}}[3:10] AS BIGINT) + {_SHIFT} // 1000000"
_ANEW: dict[str, tuple[str, ...]] = {
    "LEFT(MD5({0} || $copy), 8) || {0}[9:]": (
        "request_id",
        "caller_request_id",
        "callee_request_id",
        "entry_request_id",
    ),
    f"'1-' || LPAD(LOWER(TO_HEX({_EPOCH})), 8, '0') || '-' || LEFT(MD5({{0}} || $copy), 24)": (
        "chain_id",
        "recorded_chain_id",
    ),
    "LEFT(MD5({0} || $copy), 16)": ("call_id",),
    "CAST([] AS VARCHAR[])": ("natural_keys",),
    f"{{0}} + {_SHIFT}": (
        "started_us",
        "ended_us",
        "sent_us",
        "attempt_started_us",
        "orphaned_us",
    ),
    f"CAST(make_timestamp(epoch_us(CAST({{0}} AS TIMESTAMP)) + {_SHIFT}) AS DATE)": (
        "day",
        "price_day",
    ),
}
_COPIED = {column: anew for anew, columns in _ANEW.items() for column in columns}
"""How a column differs in copy number $copy: another id, a later instant. Others stay."""


def make(path: Path, attempts_count: int) -> None:
    """Write a file of about so many attempts."""
    path.unlink(missing_ok=True)
    with Store.open(path, settings=SETTINGS) as store:
        fill(store, attempts_count)


def fill(store: Store, attempts_count: int, *, first_us: int = FIRST_US) -> None:
    """Write about so many attempts, from `first_us` on, into an empty database of any mode."""
    with store.transaction() as connection:
        connection.execute("SET VARIABLE t0 = $first_us", {"first_us": first_us})
        connection.execute((Path(__file__).parent / "template.sql").read_text("utf-8"))
        derive.derive(connection, None)
    _repeat(store, round(attempts_count / TEMPLATE_ATTEMPTS))
    with store.transaction() as connection:
        derive.add_up_days_before(connection, date(9999, 1, 1))
    store.checkpoint()


def _repeat(store: Store, copies_count: int) -> None:
    with store.transaction() as connection:
        for table in COPIED:
            connection.execute(f"CREATE TEMP TABLE template_{table} AS FROM {table}")
    for first in range(1, copies_count, COPIES_AT_ONCE):
        copies = range(first, min(first + COPIES_AT_ONCE, copies_count))
        with store.transaction() as connection:
            for table in COPIED:
                connection.execute(_copy_statement(connection, table, copies))
    store.checkpoint()


def _copy_statement(connection: duckdb.DuckDBPyConnection, table: str, copies: range) -> str:
    columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
    values = ", ".join(
        f"{_COPIED.get(column, column).format(column)} AS {column}" for column in columns
    )
    one = f"SELECT {values} FROM template_{table}"
    every = " UNION ALL ".join(one.replace("$copy", str(copy)) for copy in copies)
    return f"INSERT INTO {table} BY NAME {every}"
