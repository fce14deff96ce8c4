"""Lines read and taken apart, before the database is asked what it knows of them.

What stands here goes into temporary tables of one connection and touches nothing else, so that one
part can be read while another is kept. Lines are dropped as soon as they are taken apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from chainlight import record
from chainlight_collector import scratch
from chainlight_collector.ingest import parts, statements, wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

# Which kinds of lines make these facts: what a part does not hold costs it nothing.
_FACTS = {
    "starts": {"start", "json_start", "platform"},
    "reports": {"report", "json_report", "platform"},
    "ends": {"end", "platform"},
    "errors": {"timeout", "crash", "text_error", "json_error", "platform"},
    "environment": {"environment", "platform"},
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
class Shape:
    """How one shape of input is read, and what a line of it must hold."""

    read: str
    path: str
    reason: str
    read_again: str | None = None
    """The reader for a part in which ``read`` found lines that it cannot read."""
    is_json: bool = True


@dataclass(frozen=True, slots=True)
class Staged:
    """What one part holds; its rows are in temporary tables, ``parsed_…`` and ``record_lines``.

    ``window`` and ``record_window`` are parameters of the statements that look for known rows:
    nothing outside of these times can be the same as a row of this part.
    """

    window: Mapping[str, object]
    record_window: Mapping[str, object]
    facts: frozenset[str]
    lines_count: int
    skipped_count: int
    rejected_count: int
    unreadable_reason: str | None
    has_split_records: bool


def stage(connection: duckdb.DuckDBPyConnection, part: Sequence[Path], shape: Shape) -> Staged:
    """Read one part of a file into temporary tables of a connection."""
    statements.run(connection, "macros")
    wire.define_macros(connection)
    with scratch.folder() as folder:
        _read(connection, shape, part if shape.is_json else _as_utf8(part, folder))
        facts, window = _parse_facts(connection)
        record_window, has_split_records = _parse_records(connection)
        lines, skipped, unreadable, rejected = connection.execute(_COUNT_LINES).fetchall()[0]
        is_any_unread = bool(unreadable) and shape.is_json
        if is_any_unread:
            files = {"files": _names(_as_utf8(part, folder)), "path": shape.path}
            statements.run(connection, "unreadable_lines", files)
    if rejected:
        statements.run(connection, "rejected_texts")
    statements.run(connection, "forget_lines")
    reason = shape.reason if is_any_unread else None
    return Staged(window, record_window, facts, lines, skipped, rejected, reason, has_split_records)


def _read(connection: duckdb.DuckDBPyConnection, shape: Shape, readable: Sequence[Path]) -> None:
    reading = {"files": _names(readable), "line_bytes_max": parts.line_bytes_max(readable)}
    statements.run(connection, shape.read, reading)
    if shape.read_again and connection.execute(_IS_ANY_UNREADABLE).fetchone():
        statements.run(connection, shape.read_again, reading)
    statements.run(connection, "rejected_lines")
    statements.run(connection, "platform_lines")


def _parse_facts(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[frozenset[str], Mapping[str, object]]:
    """Take all but the record lines apart; return which facts there are, and their times."""
    from_us, to_us, has_untimed, found = statements.run(connection, "bounds")
    kinds = frozenset(cast("list[str]", found))
    facts = frozenset(name for name, its_kinds in _FACTS.items() if its_kinds & kinds)
    for name in sorted(facts):
        statements.run(connection, f"parsed_{name}")
    return facts, {"from_us": from_us, "to_us": to_us, "has_untimed": has_untimed}


def _parse_records(connection: duckdb.DuckDBPyConnection) -> tuple[Mapping[str, object], bool]:
    versions = {"prefix": record.PREFIX, "version": record.VERSION}
    from_us, to_us, parts_count = statements.run(connection, "record_lines", versions)
    if parts_count:
        statements.run(connection, "split_lines")
    return {"from_us": from_us, "to_us": to_us}, bool(parts_count)


def _as_utf8(part: Sequence[Path], folder: Path) -> list[Path]:
    """Copy files with what is no UTF-8 replaced: DuckDB refuses a file for one such byte."""
    copies = [folder / str(number) for number in range(len(part))]
    for file, copy in zip(part, copies, strict=True):
        copy.write_bytes(file.read_bytes().decode("utf-8", "replace").encode())
    return copies


def _names(part: Sequence[Path]) -> list[str]:
    return [str(file) for file in part]
