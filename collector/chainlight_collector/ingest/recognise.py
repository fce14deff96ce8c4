"""What is this file? Told by the shape of its content, never by its name.

Large files of one shape (NDJSON of log events or of subscription documents, plain text) are named
and read by SQL. Everything else is small: its documents are taken apart here, each by the first
shape of a table that fits, and what fits none becomes a reject that says which keys it has.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from chainlight_collector.errors import ImportFileError
from chainlight_collector.ingest import (
    durable,
    insights,
    letter_documents,
    parts,
    trace_documents,
    workflow_documents,
)

if TYPE_CHECKING:
    from pathlib import Path

Document = dict[str, object]

BARE_RECORD = "the record of a platform event without its type: nothing says which event it is"
NO_ALARM = "an alarm of CloudWatch: it holds no log lines"
NO_WIDGET = "the event of a custom dashboard widget: it holds no log lines"
_HEAD_BYTES = 1_000_000
_DOCUMENT_BYTES_MAX = 256_000_000
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class Shape(Enum):
    """How a whole file is to be read."""

    EVENTS = "log events"
    """NDJSON, one log event or Telemetry API line each."""
    SUBSCRIPTIONS = "subscription documents"
    """NDJSON, one decoded subscription document each."""
    TEXT = "text"
    """Lines as a console, `aws logs tail` or an export to S3 prints them."""
    DOCUMENTS = "documents"
    """Few JSON documents: pages, envelopes, messages, records."""


@dataclass(slots=True)
class Found:
    """What the documents of one file hold, sorted by who reads it."""

    events: list[Document] = field(default_factory=list)
    pages: list[Document] = field(default_factory=list)
    subscriptions: list[Document] = field(default_factory=list)
    messages: list[Document] = field(default_factory=list)
    segments: list[Document] = field(default_factory=list)
    execution_events: list[Document] = field(default_factory=list)
    durable_events: list[Document] = field(default_factory=list)
    rejects: list[tuple[str, str]] = field(default_factory=list)


def shape_of(file: Path) -> Shape:
    """Return how to read a file, plain or gzip.

    Raises:
        ImportFileError: it cannot be opened or unpacked.

    """
    head = _head(file).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not head.startswith(("{", "[")):
        return Shape.TEXT
    first = _json(head.partition("\n")[0])
    if not isinstance(first, dict):
        return Shape.DOCUMENTS if first is not None or _is_document(file) else Shape.TEXT
    return _line_shape(first)


def documents_in(file: Path) -> Found:
    """Take the documents of a file apart.

    Raises:
        ImportFileError: it cannot be opened or unpacked, or is too large for one document.

    """
    found = Found()
    for document, raw in _documents(_text(file)):
        if isinstance(document, dict):
            _sort(document, raw, found)
        elif isinstance(document, list):
            for entry in document:
                _sort(entry if isinstance(entry, dict) else {}, json.dumps(entry), found)
        else:
            found.rejects.append(("not a JSON document", raw))
    return found


def decoded(data: str) -> Document:
    """Return the document inside of a subscription's ``data``: base64 of gzip of JSON.

    Raises:
        ValueError: it is none.

    """
    try:
        text = zlib.decompress(base64.b64decode(data, validate=True), _GZIP_OR_ZLIB)
    except zlib.error as error:
        raise ValueError(f"expected base64 of gzip, read {data[:40]!r}: {error}") from error
    document = json.loads(text)
    if not isinstance(document, dict):
        raise TypeError(f"expected a subscription document, read {text[:40]!r}")
    return document


def _head(file: Path) -> bytes:
    try:
        with parts.open_plain(file) as stream:
            return stream.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportFileError(f"{file} cannot be unpacked: {error}. Get the file again.") from error


def _text(file: Path) -> str:
    try:
        with parts.open_plain(file) as stream:
            content = stream.read(_DOCUMENT_BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportFileError(f"{file} cannot be unpacked: {error}. Get the file again.") from error
    if len(content) > _DOCUMENT_BYTES_MAX:
        raise ImportFileError(
            f"{file} is a JSON document of more than {_DOCUMENT_BYTES_MAX // 1_000_000} MB. "
            "Export it as NDJSON (one event a line) or in smaller pieces."
        )
    return content.decode("utf-8", "replace").lstrip("\ufeff")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_document(file: Path) -> bool:
    """Whether the text starts with a whole JSON document that spans several lines."""
    try:
        json.JSONDecoder().raw_decode(_text(file).lstrip())
    except (ValueError, RecursionError):
        return False
    return True


def _line_shape(first: Document) -> Shape:
    if "messageType" in first and "logEvents" in first:
        return Shape.SUBSCRIPTIONS
    if trace_documents.is_span_event(first) or workflow_documents.is_express(first):
        return Shape.DOCUMENTS
    if _is_event(first):
        return Shape.EVENTS
    known = any(fits(first) for fits, _ in _TABLE)
    return Shape.DOCUMENTS if known or "chainlight" not in first else Shape.TEXT


def _documents(text: str) -> Iterator[tuple[object, str]]:
    """Yield each JSON value of a text, with its own text; a broken rest is yielded as None."""
    decoder = json.JSONDecoder()
    position = _next_value(text, 0)
    while position < len(text):
        try:
            document, following = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            line, newline, _ = text[position:].partition("\n")
            yield None, line
            following = position + len(line) + len(newline)
        else:
            yield document, text[position:following]
        position = _next_value(text, following)


def _next_value(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n,":
        position += 1
    return position


def _sort(document: Document, raw: str, found: Found) -> None:
    for fits, take in _TABLE:
        if fits(document):
            take(document, raw, found)
            return
    inner = list(letter_documents.within(document, _is_nested))
    for each in inner:
        _sort(each, json.dumps(each), found)
    if not inner:
        found.rejects.append((letter_documents.reason(document), raw))


def _is_nested(document: Document) -> bool:
    return any(fits(document) for fits in _NESTED)


def _take_history(document: Document, _: str, found: Found) -> None:
    found.execution_events.extend(workflow_documents.history_rows(document))
    found.rejects.extend(workflow_documents.strangers(document))


def _take_durable_history(document: Document, _: str, found: Found) -> None:
    found.durable_events.extend(durable.event_rows(document))
    found.rejects.extend(workflow_documents.strangers(document))


def _take_express(document: Document, _: str, found: Found) -> None:
    found.execution_events.append(workflow_documents.express_row(document))


def _take_trace(document: Document, raw: str, found: Found) -> None:
    segments = list(trace_documents.segments_in(document))
    if not segments:
        found.rejects.append(("a trace without segments", raw))
    for segment in segments:
        if isinstance(segment, dict):
            found.segments.append(segment)
        else:
            found.rejects.append(("an X-Ray segment document that is not JSON", segment))


def _take_span_event(document: Document, _: str, found: Found) -> None:
    found.segments.append(trace_documents.span_of_event(document) or {})


def _is_event(document: Document) -> bool:
    return (
        ("message" in document and "Messages" not in document)
        or isinstance(document.get("event"), dict)
        or ("type" in document and ("record" in document or "time" in document))
    )


def _is_bare_record(document: Document) -> bool:
    return isinstance(document.get("record"), dict) and "type" not in document


def _has_events(document: Document) -> bool:
    events = document.get("events")
    return isinstance(events, list) and all(
        isinstance(event, dict) and "message" in event for event in events
    )


def _take_event(document: Document, _: str, found: Found) -> None:
    found.events.append(document)


def _take_insights_row(document: Document, _: str, found: Found) -> None:
    found.events.append(insights.event_of(document))


def _take_insights_answer(document: Document, raw: str, found: Found) -> None:
    for row in insights.rows_of(document):
        _sort(row, raw, found)


def _take_page(document: Document, _: str, found: Found) -> None:
    """Take a page of log events: spans and lines of Express workflows are no function's."""
    events = document["events"]
    ours: list[object] = []
    for event in events if isinstance(events, list) else []:
        if trace_documents.is_span_event(event):
            _take_span_event(event, "", found)
        elif workflow_documents.is_express(event):
            _take_express(event, "", found)
        else:
            ours.append(event)
    if ours or not events:
        body = {**document, "events": ours}
        found.pages.append({"logGroup": document.get("logGroup"), "body": body})


def _take_subscription(document: Document, _: str, found: Found) -> None:
    found.subscriptions.append(document)


def _take_awslogs(document: Document, raw: str, found: Found) -> None:
    envelope = document["awslogs"]
    data = envelope.get("data") if isinstance(envelope, dict) else None
    _take_data(str(data), raw, found)


def _take_data(data: str, raw: str, found: Found) -> None:
    try:
        found.subscriptions.append(decoded(data))
    except (ValueError, TypeError) as error:
        found.rejects.append((f"not a subscription: {error}", raw))


def _take_records(document: Document, raw: str, found: Found) -> None:
    records = document["Records"]
    for record in records if isinstance(records, list) else []:
        if not isinstance(record, dict):
            found.rejects.append(("a record that is no object", json.dumps(record)))
        elif isinstance(record.get("kinesis"), dict):
            _take_stream_record(record["kinesis"].get("data"), json.dumps(record), found)
        elif letter_documents.is_message(record):
            _take_message(record, json.dumps(record), found)
        elif isinstance(record.get("Sns"), dict):
            _take_notification(record["Sns"], json.dumps(record), found)
        else:
            found.rejects.append(("an event of no dead letters and no logs", json.dumps(record)))
    if not records:
        found.rejects.append(("an event without records", raw))


def _take_answer(document: Document, raw: str, found: Found) -> None:
    messages = document["Messages"]
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, dict) and letter_documents.is_message(message):
            _take_message(message, json.dumps(message), found)
        else:
            found.rejects.append(("a message without MessageId and Body", raw))


def _take_message(document: Document, _: str, found: Found) -> None:
    found.messages.append(letter_documents.message_of(document))


def _take_notification(document: Document, raw: str, found: Found) -> None:
    inner = letter_documents.inner_of(document)
    if inner is None:
        found.rejects.append(("a notification of no dead letter", raw))
    else:
        _take_destination(inner, raw, found)


def _take_destination(document: Document, _: str, found: Found) -> None:
    found.messages.append(letter_documents.message_of_destination(document))


def _take_record(document: Document, raw: str, found: Found) -> None:
    _take_records({"Records": [document]}, raw, found)


def _take_stream_record(data: object, raw: str, found: Found) -> None:
    try:
        found.subscriptions.append(decoded(str(data)))
    except (ValueError, TypeError):
        found.rejects.append(("a Kinesis record that is no log subscription", raw))


def _reject_as(reason: str) -> Callable[[Document, str, Found], None]:
    def take(_: Document, raw: str, found: Found) -> None:
        found.rejects.append((reason, raw))

    return take


_TABLE: tuple[tuple[Callable[[Document], bool], Callable[[Document, str, Found], None]], ...] = (
    (lambda document: "awslogs" in document, _take_awslogs),
    (lambda document: "messageType" in document and "logEvents" in document, _take_subscription),
    (insights.is_row, _take_insights_row),
    (insights.is_answer, _take_insights_answer),
    (workflow_documents.is_history, _take_history),
    (durable.is_history, _take_durable_history),
    (_has_events, _take_page),
    (trace_documents.is_trace, _take_trace),
    (trace_documents.is_span_event, _take_span_event),
    (workflow_documents.is_express, _take_express),
    (lambda document: "Records" in document, _take_records),
    (letter_documents.is_answer, _take_answer),
    (letter_documents.is_message, _take_message),
    (letter_documents.is_destination, _take_destination),
    (letter_documents.is_notification, _take_notification),
    (letter_documents.is_record, _take_record),
    (_is_bare_record, _reject_as(BARE_RECORD)),
    (lambda document: "alarmArn" in document, _reject_as(NO_ALARM)),
    (lambda document: "widgetContext" in document, _reject_as(NO_WIDGET)),
    (_is_event, _take_event),
)
_NESTED = (
    workflow_documents.is_history,
    trace_documents.is_trace,
    letter_documents.is_answer,
    letter_documents.is_message,
    letter_documents.is_destination,
    letter_documents.is_notification,
)
"""What is looked for inside of documents of no shape of their own, such as recorded tests."""
