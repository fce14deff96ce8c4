"""Histories of durable functions to rows: GetDurableExecutionHistory. Payloads are not kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from chainlight_collector.ingest import times

Document = dict[str, object]


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
    name = arn or str(history.get("DurableExecutionArn") or "") or _name_of(events)
    for event in events:
        yield _row(name, event, _object(event.get(f"{event.get('EventType')}Details")))


def _row(arn: str, event: Mapping[str, object], details: Mapping[str, object]) -> Document:
    retry = _object(details.get("RetryDetails"))
    error = _object(_object(details.get("Error")).get("Payload"))
    return {
        "execution_arn": arn,
        "event_id": event.get("EventId"),
        "event_type": event.get("EventType"),
        "sub_type": event.get("SubType"),
        "at_us": times.us_of(event.get("EventTimestamp")),
        "operation_id": event.get("Id"),
        "parent_id": event.get("ParentId"),
        "operation_name": event.get("Name"),
        "target": details.get("FunctionName"),
        "natural_key": details.get("DurableExecutionArn"),
        "request_id": details.get("RequestId"),
        "started_us": times.us_of(details.get("StartTimestamp")),
        "ended_us": times.us_of(details.get("EndTimestamp")),
        "scheduled_end_us": times.us_of(details.get("ScheduledEndTimestamp")),
        "try_number": retry.get("CurrentAttempt"),
        "error_type": error.get("ErrorType"),
    }


def _name_of(events: Sequence[Mapping[str, object]]) -> str:
    first = events[0] if events else {}
    text = json.dumps(first, sort_keys=True, default=str)
    return "history:" + hashlib.sha256(text.encode()).hexdigest()[:32]


def _object(value: object) -> Document:
    return value if isinstance(value, dict) else {}
