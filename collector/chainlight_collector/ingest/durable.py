"""Histories of durable functions to rows: GetDurableExecutionHistory. Payloads are not kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from chainlight_collector.ingest import times

Document = dict[str, object]

_NUMBER_MAX = 2**31


def is_history(document: Mapping[str, object]) -> bool:
    """Say whether this is an answer of GetDurableExecutionHistory."""
    events = document.get("Events")
    return isinstance(events, list) and any(
        isinstance(event, dict) and {"EventType", "EventId"} <= event.keys() for event in events
    )


def event_rows(history: Mapping[str, object], arn: str | None = None) -> Iterator[Document]:
    """Yield the rows of a history's events; without an ARN the first event names the execution."""
    found = history.get("Events")
    events = [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []
    name = arn or _text(history.get("DurableExecutionArn")) or _name_of(events)
    for position, event in enumerate(events, start=1):
        details = _object(event.get(f"{event.get('EventType')}Details"))
        yield {**_row(event, details), "execution_arn": name, "event_id": _id(event, position)}


def _row(event: Mapping[str, object], details: Mapping[str, object]) -> Document:
    retry = _object(details.get("RetryDetails"))
    error = _object(_object(details.get("Error")).get("Payload"))
    return {
        "event_type": _text(event.get("EventType")) or "unknown",
        "sub_type": _text(event.get("SubType")),
        "at_us": times.us_of(event.get("EventTimestamp")),
        "operation_id": _text(event.get("Id")),
        "parent_id": _text(event.get("ParentId")),
        "operation_name": _text(event.get("Name")),
        "target": _text(details.get("FunctionName")),
        "natural_key": _text(details.get("DurableExecutionArn")),
        "request_id": _text(details.get("RequestId")),
        "started_us": times.us_of(details.get("StartTimestamp")),
        "ended_us": times.us_of(details.get("EndTimestamp")),
        "scheduled_end_us": times.us_of(details.get("ScheduledEndTimestamp")),
        "try_number": _number(retry.get("CurrentAttempt")),
        "error_type": _text(error.get("ErrorType")),
    }


def _name_of(events: Sequence[Mapping[str, object]]) -> str:
    first = events[0] if events else {}
    text = json.dumps(first, sort_keys=True, default=str)
    return "history:" + hashlib.sha256(text.encode()).hexdigest()[:32]


def _id(event: Mapping[str, object], position: int) -> int:
    """Return an event's number, its place in the history where it has none."""
    return _number(event.get("EventId")) or position


def _number(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < _NUMBER_MAX else None


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    return value.encode("utf-8", "replace").decode()


def _object(value: object) -> Document:
    return value if isinstance(value, dict) else {}
