"""Log events to facts, in bounded parts.

A part goes through the same files of SQL whichever way its lines came: read, parse by kind, keep
what is not yet known. The window of the part ($from_us to $to_us) is a parameter, so that DuckDB
skips everything outside of it when it looks for known rows.

DuckDB frees what a replaced temporary table held when the transaction ends. So a function that is
given more than one part in one transaction needs memory for all of them, about as much as the
files have bytes; ``steps`` is for inputs of any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chainlight import record
from chainlight_collector import scratch
from chainlight_collector.ingest import parts, statements, wire
from chainlight_collector.ingest.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import duckdb

    Step = Callable[[duckdb.DuckDBPyConnection, int], Counts]
    Reader = Callable[[duckdb.DuckDBPyConnection, Sequence[Path], int], Counts]

# Which kinds of lines make these facts: what a part does not hold costs it nothing.
_FACTS = {
    "invocation_starts": {"start", "json_start", "platform"},
    "invocation_reports": {"report", "json_report", "platform"},
    "invocation_ends": {"end", "platform"},
    "invocation_errors": {"timeout", "crash", "text_error", "json_error", "platform"},
    "environment_events": {"environment", "platform"},
}
_COUNT_LINES = """
SELECT
    count(*) AS lines_count,
    count(*) FILTER (kind = 'other') + (SELECT count(*) FROM platform_lines WHERE problem = '')
        AS skipped_count,
    count(*) FILTER (kind = 'unreadable') AS unreadable_count,
    (SELECT count(*) FROM rejected_lines) AS rejected_count
FROM log_lines
"""
_IS_ANY_UNREADABLE = "SELECT 1 FROM log_lines WHERE kind = 'unreadable' LIMIT 1"


@dataclass(frozen=True, slots=True)
class _Shape:
    """How one shape of input is read, and what a line of it must hold."""

    read: str
    path: str
    reason: str
    read_again: str | None = None
    """The reader for a part in which ``read`` found lines that it cannot read."""


_EVENTS = _Shape("read_events", "$.message", "not a log event: a JSON object with a message")
_LOOSE = _Shape("read_events", "$.message", _EVENTS.reason, "read_loose_events")
_PAGES = _Shape("read_pages", "$.body.events", "not a page of FilterLogEvents: no list of events")
_SUBSCRIPTIONS = _Shape(
    "read_subscriptions", "$.logEvents", "not a subscription document: no list of logEvents"
)
_TEXTS = _Shape("read_texts", "$", "not text")


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


def steps(file: Path, read: Reader) -> Iterator[Step]:
    """Yield what to do for one file of any size, a bounded part each.

    Call each step in a transaction of its own before asking for the next: memory and disk stay
    bounded then. Killed in between, the parts that were committed are known the next time.

    Raises:
        ImportFileError: the file cannot be read to its end.

    """
    shape = _SHAPES[read]
    for part in parts.bounded([file], is_json=shape is not _TEXTS):
        yield partial(_in_one_part, part, shape)


def _in_one_part(
    part: Sequence[Path], shape: _Shape, connection: duckdb.DuckDBPyConnection, seen_us: int
) -> Counts:
    statements.run(connection, "macros")
    wire.define_macros(connection)
    counts = _ingest_part(connection, part, seen_us, shape)
    statements.run(connection, "forget")
    return counts


def _ingest(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int, shape: _Shape
) -> Counts:
    counts = Counts()
    for part in parts.bounded(files, is_json=shape is not _TEXTS):
        counts += _in_one_part(part, shape, connection, seen_us)
    return counts


def _ingest_part(
    connection: duckdb.DuckDBPyConnection, part: Sequence[Path], seen_us: int, shape: _Shape
) -> Counts:
    with scratch.folder() as folder:
        readable = _as_utf8(part, folder) if shape is _TEXTS else part
        reading = {"files": _names(readable), "line_bytes_max": parts.line_bytes_max(readable)}
        _read(connection, shape, reading)
        statements.run(connection, "rejected_lines")
        statements.run(connection, "platform_lines")
        kept = _keep_lines(connection) + _keep_records(connection)
        lines, skipped, unreadable, unread = connection.execute(_COUNT_LINES).fetchall()[0]
        rejected = _reject_lines(connection, seen_us) if unread else 0
        if unreadable and shape is not _TEXTS:
            rejected += _reject_unreadable(connection, _as_utf8(part, folder), seen_us, shape)
    others = Counts(skipped=skipped, rejected=rejected) + kept
    return others + Counts(known=lines - others.kept - others.skipped - others.rejected)


def _read(
    connection: duckdb.DuckDBPyConnection, shape: _Shape, reading: Mapping[str, object]
) -> None:
    statements.run(connection, shape.read, reading)
    if shape.read_again and connection.execute(_IS_ANY_UNREADABLE).fetchone():
        statements.run(connection, shape.read_again, reading)


def _keep_lines(connection: duckdb.DuckDBPyConnection) -> Counts:
    """Keep all but the record lines. An END that has its REPORT is skipped."""
    from_us, to_us, has_untimed, found = statements.run(connection, "bounds")
    window = {"from_us": from_us, "to_us": to_us, "has_untimed": has_untimed}
    counts = Counts()
    for name, kinds in _FACTS.items():
        if not kinds.isdisjoint(cast("list[str]", found)):
            counts += _fresh(statements.run(connection, name, window))
    if not _FACTS["invocation_reports"].isdisjoint(cast("list[str]", found)):
        statements.run(connection, "covered_ends", window)
    return counts


def _keep_records(connection: duckdb.DuckDBPyConnection) -> Counts:
    versions = {"prefix": record.PREFIX, "version": record.VERSION}
    from_us, to_us, parts_count = statements.run(connection, "record_lines", versions)
    window = {"from_us": from_us, "to_us": to_us}
    statements.run(connection, "record_parts" if parts_count else "no_parts", window)
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


def _reject_lines(connection: duckdb.DuckDBPyConnection, seen_us: int) -> int:
    return cast("int", statements.run(connection, "reject_lines", {"seen_us": seen_us})[0])


def _reject_unreadable(
    connection: duckdb.DuckDBPyConnection, part: Sequence[Path], seen_us: int, shape: _Shape
) -> int:
    """Keep the lines of these files that are no JSON or no document of this shape."""
    parameters = {
        "files": _names(part),
        "path": shape.path,
        "reason": shape.reason,
        "seen_us": seen_us,
    }
    return cast("int", statements.run(connection, "reject_unreadable", parameters)[0])


def _as_utf8(part: Sequence[Path], folder: Path) -> list[Path]:
    """Copy files with what is no UTF-8 replaced: DuckDB refuses a file for one such byte."""
    copies = [folder / str(number) for number in range(len(part))]
    for file, copy in zip(part, copies, strict=True):
        copy.write_bytes(file.read_bytes().decode("utf-8", "replace").encode())
    return copies


def _names(part: Sequence[Path]) -> list[str]:
    return [str(file) for file in part]


_SHAPES: dict[Reader, _Shape] = {
    log_events: _EVENTS,
    loose_events: _LOOSE,
    log_pages: _PAGES,
    log_subscriptions: _SUBSCRIPTIONS,
    log_texts: _TEXTS,
}
