"""From facts to attempts, calls, links, chains: recomputed, never patched.

Whatever part is recomputed, the result is the one of recomputing everything: rows follow from the
facts alone, not from the order in which these came or from rows derived before. The work is SQL
(one file a step); Python only bounds it and looks for cycles.
"""

from __future__ import annotations

from functools import partial
from importlib import resources
from typing import TYPE_CHECKING

from chainlight_collector.derive import backlog, executions, xray_paths
from chainlight_collector.derive.backlog import postpone, postpone_touched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    import duckdb

    Step = Callable[[duckdb.DuckDBPyConnection], None]

__all__ = ["add_up_days_before", "derive", "due", "postpone", "postpone_touched"]

_NEAR_US = 900_000_000
"""Lambda's longest execution is 15 minutes: lines of requests that ran once lie so near a slice.
What does not is looked for everywhere."""
_MOVED_BEFORE = """
CREATE OR REPLACE TEMP TABLE moved_days AS
SELECT day FROM function_day_rows WHERE day < $first_day
UNION
SELECT day FROM edge_day_rows WHERE day < $first_day
UNION
SELECT day FROM attempt_rows WHERE day < $first_day
"""
_NOBODY_AFFECTED = """
CREATE OR REPLACE TEMP TABLE affected_requests AS
SELECT CAST(NULL AS VARCHAR) AS request_id WHERE false;
CREATE OR REPLACE TEMP TABLE touched_requests AS FROM affected_requests
"""
_TOUCHED = "SELECT (SELECT count(*) FROM touched_traces), (SELECT count(*) FROM touched_executions)"
_FOREIGN = "SELECT 1 FROM xray_node_rows UNION ALL SELECT 1 FROM execution_rows LIMIT 1"
_ATTEMPTS = (
    "horizon.sql",
    "lost_lines.sql",
    "counted_requests.sql",
    "attempts.sql",
    "plain_attempts.sql",
    "numbered.sql",
)
_CALLS = ("calls.sql",)
_WAITS = ("waits.sql", "affected.sql")
_LINKS = ("item_writes.sql", "causes.sql", "links.sql", "edges.sql", "downstream.sql", "flow.sql")
_CYCLES = ("cycles.sql", "flow.sql")
_CHAINS = ("members.sql", "nodes.sql", "timeline.sql", "chains.sql", "days.sql")
_HAS_LETTERS = """
SELECT 1 FROM dead_letter_messages UNION ALL SELECT 1 FROM letter_rows
UNION ALL SELECT 1 FROM records WHERE source_kind = 'destination' LIMIT 1
"""


def derive(connection: duckdb.DuckDBPyConnection, since_us: int | None) -> None:
    """Recompute the derived rows of whatever the facts since ``since_us`` touch.

    ``since_us`` is in epoch microseconds, None means everything; what was postponed is done too.
    Runs inside the caller's transaction. Touched are the requests that those facts name, the
    callees of their calls, all that these caused, and every chain that one of them belongs or
    belonged to. The steps for X-Ray and workflow histories run where there are any.
    """
    start_us = backlog.with_noted(connection, backlog.beginning(since_us))
    _derive_between(connection, start_us, backlog.ALWAYS_US)
    backlog.clear(connection)


def due(
    connection: duckdb.DuckDBPyConnection, slice_facts_count: int = backlog.SLICE_FACTS_COUNT
) -> Iterator[Step]:
    """Yield what was postponed in slices of so many facts, the earliest first.

    Call them in this order, each in a transaction of its own: memory stays bounded then, however
    much was postponed. Killed in between, the note says what is left.
    """
    for piece in backlog.slices(connection, slice_facts_count):
        yield partial(_derive_slice, piece)


def _derive_slice(piece: backlog.Slice, connection: duckdb.DuckDBPyConnection) -> None:
    _derive_between(connection, piece.since_us, piece.until_us)
    backlog.advance(connection, piece)


def _derive_between(connection: duckdb.DuckDBPyConnection, since_us: int, until_us: int) -> None:
    """Recompute what the facts of a time touch; the last of all times has those without one."""
    connection.execute(f"SET VARIABLE since_us = {since_us:d}")
    connection.execute(f"SET VARIABLE until_us = {until_us:d}")
    is_last = until_us >= backlog.ALWAYS_US
    connection.execute(f"SET VARIABLE has_untimed = {is_last}")
    connection.execute(f"SET VARIABLE days_until_us = {'NULL' if is_last else until_us}")
    connection.execute(f"SET VARIABLE lines_from_us = {since_us - _NEAR_US:d}")
    connection.execute(f"SET VARIABLE lines_until_us = {until_us + _NEAR_US:d}")
    _run(connection, ("since.sql", "foreign.sql"))
    _read_foreign(connection)
    has_foreign = bool(connection.execute(_FOREIGN).fetchone())
    _run(connection, _steps(has_foreign=has_foreign))
    if connection.execute("SELECT 1 FROM unreached LIMIT 1").fetchone():
        _run(connection, _CYCLES)
    _run(connection, _CHAINS)
    if is_last and connection.execute(_HAS_LETTERS).fetchone():
        _run(connection, ("letters.sql",))  # all at once


def _read_foreign(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the rows of touched traces and executions up to date, then find what they touch."""
    traces_count, executions_count = connection.execute(_TOUCHED).fetchone() or (0, 0)
    if traces_count:
        _run(connection, ("xray_nodes.sql",))
        xray_paths.write_paths(connection)
    if executions_count:
        executions.write_executions(connection)
    _run(connection, ("touched.sql",))
    if traces_count or executions_count:
        _run(connection, ("services.sql",))


def _steps(*, has_foreign: bool) -> tuple[str, ...]:
    if not has_foreign:
        return (*_ATTEMPTS, *_CALLS, *_WAITS, "no_foreign_causes.sql", *_LINKS)
    return (
        "foreign_touched.sql",
        *_ATTEMPTS,
        "xray_attempts.sql",
        *_CALLS,
        "xray_calls.sql",
        "execution_calls.sql",
        "foreign_times.sql",
        *_WAITS,
        "foreign_affected.sql",
        "foreign_causes.sql",
        *_LINKS,
    )


def add_up_days_before(connection: duckdb.DuckDBPyConnection, first_day: date) -> None:
    """Add up anew what is kept per day for the days before one, from the rows that are there.

    For whoever deletes rows: the days' sums have to be those of the rows that are left.
    """
    connection.execute(_MOVED_BEFORE, {"first_day": first_day})
    connection.execute(_NOBODY_AFFECTED)
    connection.execute("SET VARIABLE days_until_us = NULL")
    _run(connection, ("since.sql", "days.sql"))


def _run(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> None:
    folder = resources.files(__name__)
    for name in names:
        connection.execute((folder / name).read_text("utf-8"))
