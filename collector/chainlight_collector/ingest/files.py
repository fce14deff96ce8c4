"""One file of any known shape into the database."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chainlight_collector import scratch
from chainlight_collector.errors import ImportFileError
from chainlight_collector.ingest import documents, executions, logs, parts, recognise, xray
from chainlight_collector.ingest.logs import Step
from chainlight_collector.ingest.recognise import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import duckdb

    from chainlight_collector.ingest.counts import Counts
    from chainlight_collector.ingest.recognise import Document

_BULK = {
    Shape.EVENTS: logs.loose_events,
    Shape.SUBSCRIPTIONS: logs.log_subscriptions,
}
_BLOCK_CHARACTERS = 1 << 22
_REPORT_REST = "XRAY TraceId:"


def steps(
    file: Path, new_connection: Callable[[], duckdb.DuckDBPyConnection] | None = None
) -> Iterator[Step]:
    """Yield what to do for one file, plain or gzip, recognised by its shape.

    Call each step, with a connection and the time of this import in epoch microseconds, in a
    transaction of its own before asking for the next. Given a way to make connections, parts of
    large files are read ahead on two of them: then keep each on its step's own connection.

    Raises:
        ImportFileError: it is missing, or cannot be unpacked to its end.

    """
    if not file.is_file():
        raise ImportFileError(f"{file} is no file. Name files to import.")
    shape = recognise.shape_of(file)
    if shape is Shape.DOCUMENTS:
        yield Step(partial(_import_documents, file))
        return
    if shape is not Shape.TEXT:
        yield from logs.steps(file, _BULK[shape], new_connection)
        return
    with scratch.folder() as folder:
        yield from logs.steps(_with_whole_reports(file, folder), logs.log_texts, new_connection)


def _import_documents(file: Path, connection: duckdb.DuckDBPyConnection, seen_us: int) -> Counts:
    return take(connection, recognise.documents_in(file), seen_us)


def take(connection: duckdb.DuckDBPyConnection, found: recognise.Found, seen_us: int) -> Counts:
    """Bring what was found in documents into the database."""
    counts = documents.dead_letters(connection, found.messages, seen_us, is_known_queue=False)
    counts += executions.execution_events(connection, found.execution_events, seen_us)
    counts += executions.durable_events(connection, found.durable_events, seen_us)
    counts += xray.xray_documents(connection, found.segments, seen_us)
    counts += documents.reject_documents(connection, found.rejects, seen_us)
    with scratch.folder() as folder:
        for lines, ingest in (
            (found.events, logs.loose_events),
            (found.pages, logs.log_pages),
            (found.subscriptions, logs.log_subscriptions),
        ):
            if lines:
                counts += ingest(connection, [_as_lines(lines, folder / "lines")], seen_us)
    return counts


def _as_lines(lines: Sequence[Document], target: Path) -> Path:
    target.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return target


def _with_whole_reports(file: Path, folder: Path) -> Path:
    """Copy a text, with the second line of each REPORT put at the end of its first."""
    target = folder / "text"
    with (
        io.TextIOWrapper(parts.open_plain(file), "utf-8", "replace") as source,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        held = ""
        while block := source.read(_BLOCK_CHARACTERS):
            text = (held + block).replace(f"\n{_REPORT_REST}", f"\t{_REPORT_REST}")
            cut = max(len(text) - len(_REPORT_REST), 0)
            copy.write(text[:cut])
            held = text[cut:]
        copy.write(held)
    return target
