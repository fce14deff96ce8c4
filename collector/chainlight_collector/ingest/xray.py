"""X-Ray documents to facts: segments as they are, OpenTelemetry spans put into X-Ray's words first.

A document is kept in each version that differs, so that it does not matter whether the one in
progress or the complete one comes first: derive chooses.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from chainlight_collector import scratch
from chainlight_collector.ingest import documents, spans, statements
from chainlight_collector.ingest.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import duckdb

LINE_BYTES_MAX = 16_000_000
"""X-Ray cuts a segment at 64 KB; a span may carry events. Beyond this a line is no document."""


def xray_documents(
    connection: duckdb.DuckDBPyConnection, segments: Sequence[Mapping[str, object]], seen_us: int
) -> Counts:
    """Keep segments, independent subsegments and OpenTelemetry spans that are not yet known.

    Each is a parsed document. What has no trace id, id or start is rejected with its text.
    """
    if not segments:
        return Counts()
    statements.run(connection, "macros")
    rejects: list[tuple[str, str]] = []
    with scratch.folder() as folder:
        file = folder / "segments.ndjson"
        with file.open("wb") as lines:
            lines.writelines(_lines(segments, rejects))
        parameters = {"files": [str(file)], "seen_us": seen_us, "line_bytes_max": LINE_BYTES_MAX}
        row = statements.run(connection, "xray_segments", parameters)
    kept, touched_us, problems, raws = cast("tuple[int, int | None, list[str], list[str]]", row)
    rejects += zip(problems or [], raws or [], strict=True)
    known_count = len(segments) - kept - len(rejects)
    counts = Counts(kept=kept, known=known_count, touched_since_us=touched_us)
    return counts + documents.reject_documents(connection, rejects, seen_us)


def _lines(
    segments: Iterable[Mapping[str, object]], rejects: list[tuple[str, str]]
) -> Iterator[bytes]:
    """Yield a line for each document; what JSON cannot hold (NaN, half a character) is rejected."""
    for segment in segments:
        is_span = spans.is_span(segment)
        document = spans.as_segment(segment) if is_span else segment
        line = {"document_format": "otel" if is_span else "xray", "document": document}
        try:
            text = json.dumps(line, sort_keys=True, ensure_ascii=False, allow_nan=False)
            yield text.encode() + b"\n"
        except ValueError as error:
            rejects.append((f"X-Ray segment that JSON cannot hold: {error}", json.dumps(segment)))
