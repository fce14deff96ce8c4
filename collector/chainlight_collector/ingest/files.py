"""One file of any known shape into the database."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from chainlight_collector.errors import ImportFileError
from chainlight_collector.ingest import documents, logs, parts, recognise
from chainlight_collector.ingest.counts import Counts
from chainlight_collector.ingest.recognise import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from chainlight_collector.ingest.recognise import Document

_BULK = {
    Shape.EVENTS: logs.loose_events,
    Shape.SUBSCRIPTIONS: logs.log_subscriptions,
}
_BLOCK_CHARACTERS = 1 << 22
_REPORT_REST = "XRAY TraceId:"


def import_file(connection: duckdb.DuckDBPyConnection, file: Path, seen_us: int) -> Counts:
    """Ingest one file, plain or gzip, recognised by its shape.

    Raises:
        ImportFileError: it is missing, or cannot be unpacked to its end.

    """
    if not file.is_file():
        raise ImportFileError(f"{file} is no file. Name files to import.")
    shape = recognise.shape_of(file)
    if shape in _BULK:
        return _BULK[shape](connection, [file], seen_us)
    with tempfile.TemporaryDirectory(prefix="chainlight-") as folder:
        if shape is Shape.TEXT:
            return logs.log_texts(connection, [_with_whole_reports(file, Path(folder))], seen_us)
        return _import_documents(connection, file, Path(folder), seen_us)


def _import_documents(
    connection: duckdb.DuckDBPyConnection, file: Path, folder: Path, seen_us: int
) -> Counts:
    found = recognise.documents_in(file)
    counts = documents.dead_letters(connection, found.messages, seen_us, is_known_queue=False)
    counts += documents.reject_documents(connection, found.rejects, seen_us)
    for name, lines, ingest in (
        ("events", found.events, logs.loose_events),
        ("pages", found.pages, logs.log_pages),
        ("subscriptions", found.subscriptions, logs.log_subscriptions),
    ):
        if lines:
            counts += ingest(connection, [_as_lines(lines, folder / name)], seen_us)
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
