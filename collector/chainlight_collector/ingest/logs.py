"""Log events to facts, in bounded parts.

A part goes through the same files of SQL whichever way its lines came: read and taken apart
(``staging``), then kept, where it is not yet known. The window of the part ($from_us to $to_us) is
a parameter, so that DuckDB skips everything outside of it when it looks for known rows.

DuckDB frees what a temporary table held when the transaction ends in which it went. So a function
that is given more than one part in one transaction needs memory for all of them, about as much as
the files have bytes; ``steps`` is for inputs of any size.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, cast

from chainlight_collector.ingest import parts, statements
from chainlight_collector.ingest.counts import Counts
from chainlight_collector.ingest.staging import Shape, Staged, stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import duckdb

    Reader = Callable[[duckdb.DuckDBPyConnection, Sequence[Path], int], Counts]

# In this order: an END is kept only where no REPORT is.
_FACTS = {
    "starts": "invocation_starts",
    "reports": "invocation_reports",
    "ends": "invocation_ends",
    "errors": "invocation_errors",
    "environment": "environment_events",
}

_EVENTS = Shape("read_events", "$.message", "not a log event: a JSON object with a message")
_LOOSE = Shape("read_events", "$.message", _EVENTS.reason, "read_loose_events")
_PAGES = Shape("read_pages", "$.body.events", "not a page of FilterLogEvents: no list of events")
_SUBSCRIPTIONS = Shape(
    "read_subscriptions", "$.logEvents", "not a subscription document: no list of logEvents"
)
_TEXTS = Shape("read_texts", "$", "not text", is_json=False)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do for one part: called with a connection and the time in epoch microseconds.

    Where ``connection`` is set, the part was read there already, and is to be kept there.
    """

    keep: Callable[[duckdb.DuckDBPyConnection, int], Counts]
    connection: duckdb.DuckDBPyConnection | None = None

    def __call__(self, connection: duckdb.DuckDBPyConnection, seen_us: int) -> Counts:
        """Bring the part into the database, inside the caller's transaction."""
        return self.keep(connection, seen_us)


def log_events(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int
) -> Counts:
    """Ingest NDJSON files (also .gz) of log events; events without time, group or stream are kept.

    A line is ``{"logGroup","logStream"|"logStreamName","timestamp","ingestionTime","message"}``,
    times in epoch milliseconds; other keys are ignored.
    """
    return _ingest(connection, files, seen_us, _EVENTS)


def loose_events(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int
) -> Counts:
    """Ingest as ``log_events``; a line may also be, or hold as "event", a Telemetry API line."""
    return _ingest(connection, files, seen_us, _LOOSE)


def log_pages(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int) -> Counts:
    """Ingest NDJSON files of ``{"logGroup": …, "body": {an answer of FilterLogEvents}}``."""
    return _ingest(connection, files, seen_us, _PAGES)


def log_subscriptions(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int
) -> Counts:
    """Ingest NDJSON files of decoded subscription documents (logGroup, logStream, logEvents)."""
    return _ingest(connection, files, seen_us, _SUBSCRIPTIONS)


def log_texts(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int) -> Counts:
    """Ingest plain text files; a time and a stream may stand before the platform's words."""
    return _ingest(connection, files, seen_us, _TEXTS)


def steps(
    file: Path, read: Reader, new_connection: Callable[[], duckdb.DuckDBPyConnection] | None = None
) -> Iterator[Step]:
    """Yield what to do for one file of any size, a bounded part each.

    Call each step in a transaction of its own before asking for the next: memory and disk stay
    bounded then. Killed in between, the parts that were committed are known the next time.

    Given a way to make connections to the database, the next part is read on one of them while the
    caller keeps this one: do that in a transaction of the step's own connection.

    Raises:
        ImportFileError: the file cannot be read to its end.

    """
    shape = _SHAPES[read]
    found = parts.bounded([file], is_json=shape.is_json)
    if new_connection is None:
        for part in found:
            yield Step(partial(_in_one_part, part, shape))
        return
    yield from _ahead(found, shape, new_connection)


def _ahead(
    found: Iterator[list[Path]],
    shape: Shape,
    new_connection: Callable[[], duckdb.DuckDBPyConnection],
) -> Iterator[Step]:
    """Read parts on two connections in turn, one part ahead of the caller."""
    with (
        closing(new_connection()) as one,
        closing(new_connection()) as other,
        ThreadPoolExecutor(max_workers=1) as ahead,
    ):
        turns = cycle((one, other))
        following = ahead.submit(_staged_next, found, shape, next(turns))
        while (step := following.result()) is not None:
            following = ahead.submit(_staged_next, found, shape, next(turns))
            yield step


def _staged_next(
    found: Iterator[list[Path]], shape: Shape, connection: duckdb.DuckDBPyConnection
) -> Step | None:
    part = next(found, None)
    if part is None:
        return None
    return Step(partial(_keep, stage(connection, part, shape)), connection)


def _in_one_part(
    part: Sequence[Path], shape: Shape, connection: duckdb.DuckDBPyConnection, seen_us: int
) -> Counts:
    return _keep(stage(connection, part, shape), connection, seen_us)


def _ingest(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int, shape: Shape
) -> Counts:
    counts = Counts()
    for part in parts.bounded(files, is_json=shape.is_json):
        counts += _in_one_part(part, shape, connection, seen_us)
    return counts


def _keep(staged: Staged, connection: duckdb.DuckDBPyConnection, seen_us: int) -> Counts:
    """Bring what is new of a staged part into the database, on the connection that staged it."""
    kept = _keep_lines(connection, staged) + _keep_records(connection, staged)
    rejected = _reject(connection, staged, seen_us)
    statements.run(connection, "forget")
    others = Counts(skipped=staged.skipped_count, rejected=rejected) + kept
    known = staged.lines_count - others.kept - others.skipped - others.rejected
    return others + Counts(known=known)


def _keep_lines(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Counts:
    """Keep all but the record lines. An END that has its REPORT is skipped."""
    counts = Counts()
    for name, table in _FACTS.items():
        if name in staged.facts:
            counts += _fresh(statements.run(connection, table, staged.window))
    if "reports" in staged.facts:
        statements.run(connection, "covered_ends", staged.window)
    return counts


def _keep_records(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Counts:
    window = staged.record_window
    statements.run(connection, "record_parts" if staged.has_split_records else "no_parts", window)
    replaced_count, is_every_line_chosen = statements.run(connection, "records", window)
    statements.run(connection, "whole_records" if is_every_line_chosen else "chosen_records")
    if replaced_count:
        statements.run(connection, "replaced_records", window)
    return _fresh(statements.run(connection, "record_rows"))


def _fresh(row: tuple[object, ...]) -> Counts:
    """Read what the last statement of a fact's file says: kept, touched since, and skipped."""
    kept, touched_us, *skipped = cast("list[int | None]", list(row))
    return Counts(
        kept=kept or 0, skipped=sum(each or 0 for each in skipped), touched_since_us=touched_us
    )


def _reject(connection: duckdb.DuckDBPyConnection, staged: Staged, seen_us: int) -> int:
    """Keep the lines that were not understood, and those that are no document of their shape."""
    count = 0
    seen = {"seen_us": seen_us, "reason": staged.unreadable_reason}
    if staged.rejected_count:
        count += cast("int", statements.run(connection, "reject_lines", seen)[0])
    if staged.unreadable_reason:
        count += cast("int", statements.run(connection, "reject_unreadable", seen)[0])
    return count


_SHAPES: dict[Reader, Shape] = {
    log_events: _EVENTS,
    loose_events: _LOOSE,
    log_pages: _PAGES,
    log_subscriptions: _SUBSCRIPTIONS,
    log_texts: _TEXTS,
}
