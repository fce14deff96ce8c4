"""Histories of Step Functions executions to facts: GetExecutionHistory, and Express's log lines.

Inputs and outputs of states are read for the ids in them and not kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from chainlight_collector.ingest import statements, times
from chainlight_collector.ingest.counts import Counts

if TYPE_CHECKING:
    import duckdb

Document = dict[str, object]

_TARGETS = (
    "FunctionName",
    "QueueUrl",
    "TopicArn",
    "StateMachineArn",
    "EventBusName",
    "StreamName",
    "TableName",
    "Bucket",
)
_KEYS = ("MessageId", "ExecutionArn", "executionArn")
_ROWS_A_STATEMENT = 20_000
_NUMBER_MAX = 2**53


def execution_events(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, object]], seen_us: int
) -> Counts:
    """Keep the events that are not yet known; a row is one of ``event_rows``."""
    return _keep(connection, "execution_events", rows, seen_us)


def durable_events(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, object]], seen_us: int
) -> Counts:
    """Keep the events of durable executions that are not yet known."""
    return _keep(connection, "durable_events", rows, seen_us)


def _keep(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Mapping[str, object]],
    seen_us: int,
) -> Counts:
    counts = Counts()
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        part = rows[start : start + _ROWS_A_STATEMENT]
        statements.run(connection, "macros")
        parameters = {"rows": json.dumps(part), "seen_us": seen_us}
        kept, touched_us = cast(
            "tuple[int, int | None]", statements.run(connection, name, parameters)
        )
        counts += Counts(kept=kept, known=len(part) - kept, touched_since_us=touched_us)
    return counts


def event_rows(history: Mapping[str, object], arn: str | None = None) -> Iterator[Document]:
    """Yield the rows of a history's events; without an ARN the first event names the execution."""
    found = [event for event in _list(history.get("events")) if isinstance(event, dict)]
    events = [_numbered(event, position) for position, event in enumerate(found, start=1)]
    name = arn or _text(history.get("executionArn")) or _name_of(events)
    for event in events:
        yield _row(name, event, _details_of(event))


def express_row(line: Mapping[str, object]) -> Document:
    """Return the row of one line of an Express workflow's log."""
    event = {
        "id": line.get("id"),
        "previousEventId": line.get("previous_event_id"),
        "type": line.get("type"),
        "timestamp": line.get("event_timestamp"),
    }
    details = line.get("details")
    return _row(
        _text(line["execution_arn"]) or "unknown",
        event,
        details if isinstance(details, dict) else {},
    )


def is_express_line(document: Mapping[str, object]) -> bool:
    """Say whether this is a line of an Express workflow's log."""
    return {"id", "type", "previous_event_id", "execution_arn"} <= document.keys()


def express_line_of(event: Mapping[str, object]) -> Document | None:
    """Return the line that a log event's message is, None for another message."""
    message = event.get("message")
    if not isinstance(message, str) or '"previous_event_id"' not in message:
        return None
    line = _object(message)
    return line if is_express_line(line) else None


def _row(arn: str, event: Mapping[str, object], details: Mapping[str, object]) -> Document:
    parameters = _object(details.get("parameters"))
    output, cause = _object(details.get("output")), _object(details.get("cause"))
    metadata = _object(output.get("SdkResponseMetadata"))
    resource = _text(details.get("resource"))
    return {
        "execution_arn": arn,
        "event_id": _number(event.get("id")),
        "previous_event_id": _number(event.get("previousEventId")),
        "event_type": _text(event.get("type")) or "unknown",
        "at_us": times.us_of(event.get("timestamp")),
        "state_name": _text(details.get("name")),
        "resource_type": _text(details.get("resourceType")),
        "resource": resource,
        "target": _first(parameters, _TARGETS) or _arn_of_function(resource),
        "is_event_invoke": parameters.get("InvocationType") == "Event",
        "request_id": _text(metadata.get("RequestId")) or _text(cause.get("requestId")),
        "natural_key": _first(output, _KEYS),
        "error_type": _text(details.get("error")),
        "items_count": _number(details.get("length")),
        "item_index": _number(details.get("index")),
    }


def _numbered(event: Document, position: int) -> Document:
    """Return an event whose id is a number: where a mask took it away, its place in the history."""
    number = event.get("id")
    is_number = isinstance(number, int) and 0 < number < _NUMBER_MAX
    return event if is_number else {**event, "id": position}


def _details_of(event: Mapping[str, object]) -> Mapping[str, object]:
    found = (value for key, value in event.items() if key.endswith("EventDetails"))
    details = next(found, None)
    return details if isinstance(details, dict) else {}


def _name_of(events: Sequence[Mapping[str, object]]) -> str:
    """Name an execution by its first event; where its time is masked, by all of them."""
    first = events[0] if events else {}
    is_timed = times.us_of(first.get("timestamp")) is not None
    text = json.dumps(first if is_timed else events, sort_keys=True, default=str)
    return "history:" + hashlib.sha256(text.encode()).hexdigest()[:32]


def _object(value: object) -> Document:
    """Return a JSON object that may come as text; anything else is an empty one."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    """Return a text that says something; `<uuid:1>` is what a mask left."""
    if not isinstance(value, str) or not value or value.startswith("<"):
        return None
    return value.encode("utf-8", "replace").decode()


def _number(value: object) -> int | None:
    """Return a whole number, also given as text (Express logs write them so)."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:16])
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < _NUMBER_MAX else None


def _first(values: Mapping[str, object], names: Iterable[str]) -> str | None:
    return next((text for name in names if (text := _text(values.get(name)))), None)


def _arn_of_function(resource: str | None) -> str | None:
    return resource if resource and ":function:" in resource else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
