"""What is still to be derived: noted with the facts it is about, done in slices of bounded size.

An import derives once for all its parts. Deriving everything at once needs memory for everything
(1.2 GB for 250,000 executions, measured), so what was noted is done a slice of time after another.
Noted is the earliest instant of a new fact, and nothing before it is done again: what belongs to
new facts is found by request, stream, trace and execution, however much earlier that began.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

ALWAYS_US = 2**62
"""Later than every fact, and its negative earlier."""
SLICE_FACTS_COUNT = 250_000
"""Some 80,000 executions, in the memory that an import needs anyway. Each slice has 214 statements
to plan: slices of 150,000 facts took a tenth more CPU."""

_READ = f"SELECT min(coalesce(since_us, {-ALWAYS_US})) FROM derive_backlog"  # noqa: S608  ours
_NOTE = "INSERT INTO derive_backlog VALUES ($since_us)"
_FACTS_PER_SECOND = """
SELECT at_us // 1000000 * 1000000 AS second_us, count(*) AS facts_count
FROM (
    SELECT logged_us AS at_us FROM invocation_starts
    UNION ALL
    SELECT logged_us FROM invocation_reports
    UNION ALL
    SELECT started_us FROM records
    UNION ALL
    SELECT started_us FROM xray_segments
    UNION ALL
    SELECT at_us FROM execution_events
    UNION ALL
    SELECT at_us FROM durable_events
)
WHERE at_us >= $since_us
GROUP BY second_us
ORDER BY second_us
"""


@dataclass(frozen=True, slots=True)
class Slice:
    """A time whose facts are to be derived: from ``since_us`` to before ``until_us``."""

    since_us: int
    until_us: int


def postpone(connection: duckdb.DuckDBPyConnection, since_us: int | None) -> None:
    """Note that what ``derive`` would do is still to be done; whatever derives next does it.

    Killed before that, the note is in the database with the facts it is about.
    """
    connection.execute(_NOTE, {"since_us": beginning(since_us)})


def postpone_touched(connection: duckdb.DuckDBPyConnection, touched_since_us: int | None) -> None:
    """Note what new facts touch, as their counts say it: None nothing, 0 no known instant."""
    if touched_since_us is not None:
        postpone(connection, touched_since_us or None)


def beginning(since_us: int | None) -> int:
    """Return an instant; None is before every fact."""
    return -ALWAYS_US if since_us is None else since_us


def with_noted(connection: duckdb.DuckDBPyConnection, start_us: int) -> int:
    """Return the earlier of an instant and what is noted."""
    noted_us = _noted_us(connection)
    return start_us if noted_us is None else min(start_us, noted_us)


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Note that all is done."""
    if _noted_us(connection) is not None:
        connection.execute("DELETE FROM derive_backlog")


def slices(connection: duckdb.DuckDBPyConnection, slice_facts_count: int) -> Iterator[Slice]:
    """Yield the times that what is noted falls into, each with about so many facts."""
    since_us = _noted_us(connection)
    if since_us is None:
        return
    count = 0
    for second_us, facts_count in connection.execute(
        _FACTS_PER_SECOND, {"since_us": since_us}
    ).fetchall():
        if count and count + facts_count > slice_facts_count:
            yield Slice(since_us, second_us)
            since_us, count = second_us, 0
        count += facts_count
    yield Slice(since_us, ALWAYS_US)


def advance(connection: duckdb.DuckDBPyConnection, piece: Slice) -> None:
    """Note that everything before the end of a slice is done."""
    connection.execute("DELETE FROM derive_backlog")
    if piece.until_us < ALWAYS_US:
        connection.execute(_NOTE, {"since_us": piece.until_us})


def _noted_us(connection: duckdb.DuckDBPyConnection) -> int | None:
    ((noted_us,),) = connection.execute(_READ).fetchall()
    return None if noted_us is None else int(noted_us)
