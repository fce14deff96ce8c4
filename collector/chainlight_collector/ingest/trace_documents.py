"""Documents that are traces, and the segments and spans in them.

Answers of BatchGetTraces and ListRetrievedTraces, single traces of them, segments, OpenTelemetry
spans and OTLP envelopes, and log events of `aws/spans`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from chainlight_collector.ingest import spans

Document = dict[str, object]


def is_trace(document: Document) -> bool:
    """Say whether this document holds segments or spans, or is one."""
    return (
        isinstance(document.get("Traces"), list)
        or isinstance(document.get("Segments"), list)
        or ("Spans" in document and "Id" in document)
        or {"trace_id", "id"} <= document.keys()
        or spans.is_span(document)
        or "resourceSpans" in document
    )


def is_span_event(document: Document) -> bool:
    """Say whether this is a log event whose message is a span."""
    return spans.is_message(document.get("message")) and span_of_event(document) is not None


def span_of_event(document: Document) -> Document | None:
    """Return the span that is the message of a log event."""
    return spans.of_message(str(document.get("message")))


def segments_in(document: Document) -> Iterator[Document | str]:
    """Yield the segments and spans of a document; one that is no JSON object comes as its text."""
    if "Traces" in document:
        for trace in _list(document["Traces"]):
            yield from _segments_of(trace)
    elif "Segments" in document or "Spans" in document:
        yield from _segments_of(document)
    elif "resourceSpans" in document:
        yield from spans.in_envelope(document)
    else:
        yield document


def _segments_of(trace: object) -> Iterator[Document | str]:
    known = trace if isinstance(trace, dict) else {}
    for each in [*_list(known.get("Segments")), *_list(known.get("Spans"))]:
        yield from _opened(each.get("Document", each) if isinstance(each, dict) else each)


def _opened(document: object) -> Iterator[Document | str]:
    """Yield what a Document field holds: X-Ray writes JSON as text, an OTLP envelope holds many."""
    parsed = document
    if isinstance(document, str):
        try:
            parsed = json.loads(document)
        except ValueError:
            parsed = None
    if not isinstance(parsed, dict):
        yield document if isinstance(document, str) else json.dumps(document)
    elif "resourceSpans" in parsed:
        yield from spans.in_envelope(parsed)
    else:
        yield parsed


def _list(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else []
