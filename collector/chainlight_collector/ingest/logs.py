"""Log events to facts, in bounded parts: memory does not grow with the input.

A part goes through the same files of SQL whichever way its lines came: read, parse by kind, keep
what is not yet known. The window of the part ($from_us to $to_us) is a parameter, so that DuckDB
skips everything outside of it when it looks for known rows.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chainlight import record
from chainlight_collector.ingest import parts, statements, wire
from chainlight_collector.ingest.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

_FACTS = (
    "invocation_starts",
    "invocation_reports",
    "invocation_ends",
    "invocation_errors",
    "environment_events",
)
_COUNT_LINES = """
SELECT
    count(*) AS lines_count,
    count(*) FILTER (kind = 'other') + (SELECT count(*) FROM platform_lines WHERE problem = '')
        + (SELECT count(*) FROM parsed_errors WHERE problem = '') AS skipped_count,
    count(*) FILTER (kind = 'unreadable') AS unreadable_count
FROM log_lines
"""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How one shape of input is read, and what a line of it must hold."""

    read: str
    path: str
    reason: str


_EVENTS = _Shape("read_events", "$.message", "not a log event: a JSON object with a message")
_LOOSE = _Shape("read_loose_events", "$.message", _EVENTS.reason)
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


def _ingest(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int, shape: _Shape
) -> Counts:
    statements.run(connection, "macros")
    wire.define_macros(connection)
    counts = Counts()
    for part in parts.bounded(files):
        counts += _ingest_part(connection, part, seen_us, shape)
    statements.run(connection, "forget")
    return counts


def _ingest_part(
    connection: duckdb.DuckDBPyConnection, part: Sequence[Path], seen_us: int, shape: _Shape
) -> Counts:
    reading = {"files": [str(file) for file in part], "line_bytes_max": _line_bytes_max(part)}
    statements.run(connection, shape.read, reading)
    statements.run(connection, "platform_lines")
    kept, touched_us, ended_count = _keep_lines(connection)
    records_kept, records_touched_us = _keep_records(connection)
    lines, skipped, unreadable = _numbers(connection.execute(_COUNT_LINES).fetchone())
    rejected = _reject_lines(connection, seen_us)
    if unreadable:
        rejected += _reject_unreadable(connection, part, seen_us, shape)
    kept += records_kept
    skipped += ended_count
    touched = [us for us in (touched_us, records_touched_us) if us is not None]
    return Counts(
        kept=kept,
        known=max(lines - kept - skipped - rejected, 0),
        skipped=skipped,
        rejected=rejected,
        touched_since_us=min(touched, default=None),
    )


def _line_bytes_max(part: Sequence[Path]) -> int:
    """Return a bound for the longest line: DuckDB allocates twice that for each thread."""
    largest_bytes = max(file.stat().st_size for file in part)
    return min(max(largest_bytes, 1024), 2 * parts.LINE_BYTES_MAX)


def _keep_lines(connection: duckdb.DuckDBPyConnection) -> tuple[int, int | None, int]:
    """Return how many rows are new, their earliest time, and how many ENDs have their REPORT."""
    from_us, to_us, has_untimed = statements.run(connection, "bounds")
    window = {"from_us": from_us, "to_us": to_us, "has_untimed": has_untimed}
    kept_count, touched, ended_count = 0, [], 0
    for name in _FACTS:
        fresh_count, touched_us, *rest = statements.run(connection, name, window)
        kept_count += cast("int", fresh_count)
        ended_count += cast("int", rest[0]) if rest else 0
        if touched_us is not None:
            touched.append(cast("int", touched_us))
    return kept_count, min(touched, default=None), ended_count


def _keep_records(connection: duckdb.DuckDBPyConnection) -> tuple[int, int | None]:
    versions = {"prefix": record.PREFIX, "version": record.VERSION}
    from_us, to_us, parts_count = statements.run(connection, "record_lines", versions)
    window = {"from_us": from_us, "to_us": to_us}
    statements.run(connection, "record_parts" if parts_count else "no_parts", window)
    (replaced_count,) = statements.run(connection, "records", window)
    if replaced_count:
        statements.run(connection, "replaced_records", window)
    kept_count, touched_us = statements.run(connection, "record_rows")
    return cast("int", kept_count), cast("int | None", touched_us)


def _reject_lines(connection: duckdb.DuckDBPyConnection, seen_us: int) -> int:
    (rejected_count,) = statements.run(connection, "reject_rows")
    if not rejected_count:
        return 0
    return cast("int", statements.run(connection, "reject_lines", {"seen_us": seen_us})[0])


def _reject_unreadable(
    connection: duckdb.DuckDBPyConnection, part: Sequence[Path], seen_us: int, shape: _Shape
) -> int:
    """Keep the lines of these files that are no JSON or no document of this shape."""
    with tempfile.TemporaryDirectory(prefix="chainlight-") as folder:
        parameters: Mapping[str, object] = {
            "files": [str(_as_utf8(file, Path(folder, str(n)))) for n, file in enumerate(part)],
            "path": shape.path,
            "reason": shape.reason,
            "seen_us": seen_us,
        }
        return cast("int", statements.run(connection, "reject_unreadable", parameters)[0])


def _as_utf8(file: Path, copy: Path) -> Path:
    copy.write_text(file.read_bytes().decode("utf-8", "replace"), "utf-8", newline="")
    return copy


def _numbers(row: tuple[int, ...] | None) -> tuple[int, ...]:
    return row or (0, 0, 0)
