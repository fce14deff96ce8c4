"""Rejects read again: what this version understands becomes rows, and leaves the rejects.

All that is done with a part of the rejects happens in the caller's transaction: they are taken out,
read as if they had just come, and what is rejected again stands there as it did before, with its
first instant. Nothing is lost whenever it is stopped, and nothing is there twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chainlight_collector import scratch
from chainlight_collector.ingest import documents, files, logs, recognise
from chainlight_collector.ingest.counts import Counts
from chainlight_collector.ingest.logs import Step

if TYPE_CHECKING:
    import duckdb

PART_COUNT = 5_000
_MS_US = 1000
_DOCUMENTS = "document"
_LINES_OF_FILES = "file"
_NO_GROUP = "log line"

_NOTE = """
CREATE OR REPLACE TEMP TABLE replayed_rejects AS
SELECT *, row_number() OVER (ORDER BY source, log_stream, logged_us, raw_sha256) AS place
FROM reject_rows
"""
_PART = "SELECT source, raw, log_stream, logged_us, ingested_us FROM replayed_rejects WHERE {part}"
_TAKE_OUT = """
DELETE FROM reject_rows AS old
USING (FROM replayed_rejects WHERE {part}) AS new
WHERE old.raw_sha256 = new.raw_sha256
    AND old.source = new.source
    AND old.log_stream IS NOT DISTINCT FROM new.log_stream
    AND old.logged_us IS NOT DISTINCT FROM new.logged_us
"""
_KEEP_FIRST_INSTANT = """
UPDATE reject_rows AS again
SET seen_us = old.seen_us, day = old.day
FROM (FROM replayed_rejects WHERE {part}) AS old
WHERE old.raw_sha256 = again.raw_sha256
    AND old.source = again.source
    AND old.log_stream IS NOT DISTINCT FROM again.log_stream
    AND old.logged_us IS NOT DISTINCT FROM again.logged_us
"""
_COUNT = "SELECT count(*) FROM reject_rows"
_IS_PART = "place BETWEEN {first:d} AND {last:d}"

Row = tuple[str, str, str | None, int | None, int | None]


def steps(connection: duckdb.DuckDBPyConnection) -> Iterator[Step]:
    """Yield what to do for all rejects there are, a bounded part each.

    Call each step in a transaction of its own, on this connection. Its `kept` counts the new facts,
    `rejected` the rejects that stay.
    """
    connection.execute(_NOTE)
    (count,) = connection.execute("SELECT count(*) FROM replayed_rejects").fetchone() or (0,)
    for first in range(1, count + 1, PART_COUNT):
        yield Step(partial(_replay, _IS_PART.format(first=first, last=first + PART_COUNT - 1)))
    connection.execute("DROP TABLE replayed_rejects")


def _replay(part: str, connection: duckdb.DuckDBPyConnection, seen_us: int) -> Counts:
    rows = connection.execute(_PART.format(part=part)).fetchall()
    before_count = _count(connection)
    connection.execute(_TAKE_OUT.format(part=part))
    taken_count = before_count - _count(connection)
    with scratch.folder() as folder:
        counts = _read_lines(connection, rows, folder, seen_us)
        for source in (_DOCUMENTS, _LINES_OF_FILES):
            counts += _read_documents(connection, rows, source, folder, seen_us)
    connection.execute(_KEEP_FIRST_INSTANT.format(part=part))
    stayed_count = _count(connection) - (before_count - taken_count)
    return Counts(
        kept=counts.kept,
        known=counts.known,
        skipped=counts.skipped,
        rejected=stayed_count,
        touched_since_us=counts.touched_since_us,
    )


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    (count,) = connection.execute(_COUNT).fetchone() or (0,)
    return int(count)


def _read_lines(
    connection: duckdb.DuckDBPyConnection, rows: list[Row], folder: Path, seen_us: int
) -> Counts:
    """Read log lines again: as events, or as text where their time is finer than an event's."""
    lines = [row for row in rows if row[0] not in (_DOCUMENTS, _LINES_OF_FILES)]
    events = [json.dumps(_event(row)) for row in lines if (row[3] or 0) % _MS_US == 0]
    texts = [_text(row) for row in lines if (row[3] or 0) % _MS_US != 0]
    counts = Counts()
    for content, read in ((events, logs.log_events), (texts, logs.log_texts)):
        if content:
            file = folder / read.__name__
            file.write_text("\n".join(content) + "\n", "utf-8")
            counts += read(connection, [file], seen_us)
    return counts


def _event(row: Row) -> dict[str, object]:
    source, raw, stream, logged_us, ingested_us = row
    return {
        "logGroup": None if source == _NO_GROUP else source,
        "logStream": stream,
        "timestamp": None if logged_us is None else logged_us // _MS_US,
        "ingestionTime": None if ingested_us is None else ingested_us // _MS_US,
        "message": raw,
    }


def _text(row: Row) -> str:
    """Return a line with its time, group and stream before it, where a text has them."""
    source, raw, stream, logged_us, _ = row
    at = datetime.fromtimestamp((logged_us or 0) / 1_000_000, UTC)
    group = "" if source == _NO_GROUP else source
    return " ".join(filter(None, (f"{at:%Y-%m-%dT%H:%M:%S.%f}Z", group, stream, raw)))


def _read_documents(
    connection: duckdb.DuckDBPyConnection,
    rows: list[Row],
    source: str,
    folder: Path,
    seen_us: int,
) -> Counts:
    """Read whole documents again; one that is not understood is put back under its own source."""
    counts = Counts()
    refused: list[tuple[str, str]] = []
    for number, (kind, raw, *_) in enumerate(rows):
        if kind != source:
            continue
        file = folder / f"{source}-{number}"
        file.write_text(raw, "utf-8")
        found = recognise.documents_in(file)
        refused += [(reason, raw) for reason, _ in found.rejects[:1]]
        found.rejects.clear()
        counts += files.take(connection, found, seen_us)
        file.unlink()
    return counts + documents.reject_documents(connection, refused, seen_us, source=source)
