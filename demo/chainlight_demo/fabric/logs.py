"""CloudWatch Logs as AWS answers it: FilterLogEvents in order and in pages, subscriptions.

An event has one id, a 56-digit number, in FilterLogEvents and in what subscriptions deliver.
"""

from __future__ import annotations

import base64
import functools
import gzip
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.core.utils import utcnow
from moto.logs.models import LogEvent, LogStream
from moto.logs.responses import LogsResponse

from chainlight_demo.fabric.deliveries import Deliveries, Delivery
from chainlight_demo.fabric.faults import Faults
from chainlight_demo.fabric.log_pattern import compile_pattern
from chainlight_demo.fabric.patches import MotoObject, Patches

PAGE_EVENT_COUNT = 10_000
PAGE_BYTES = 1_048_576
_EVENT_OVERHEAD_BYTES = 26
"""What CloudWatch Logs adds to each message when it counts bytes."""

Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Search:
    """One FilterLogEvents request, after reading its parameters."""

    group_name: str
    streams: frozenset[str]
    stream_prefix: str
    start_ms: int
    end_ms: float
    pattern: str
    limit_count: int
    after: Position | None


class Logs:
    """The patched log service of one local AWS."""

    def __init__(self, faults: Faults, deliveries: Deliveries) -> None:
        self._faults = faults
        self._deliveries = deliveries
        self._lock = threading.Lock()

    def install(self, patches: Patches) -> None:
        """Patch how events come in and how they are searched."""
        patches.replace(LogStream, "put_log_events", functools.partialmethod(_put_log_events, self))
        patches.replace(
            LogsResponse, "filter_log_events", functools.partialmethod(_filter_log_events, self)
        )

    def take(self, stream: MotoObject, log_events: list[dict[str, Any]]) -> str:
        """Store events, hand them to subscriptions, return the next sequence token."""
        with self._lock:
            events = [self._new_event(row) for row in log_events]
            stream.last_ingestion_time = utcnow()
            stream.stored_bytes += sum(len(event.message) for event in events)
            stream.events.extend(events)
            stream.upload_sequence_token += 1
        for subscription in list(stream.log_group.subscription_filters.values()):
            self._send(subscription, stream, events)
        return f"{stream.upload_sequence_token:056d}"

    def page(self, backend: MotoObject, search: Search) -> dict[str, Any]:
        """Answer one FilterLogEvents request."""
        if self._faults.happens(self._faults.empty_log_page_share):
            return _answer([], search.after or (0, -1))
        group = backend._find_log_group(log_group_name=search.group_name)  # noqa: SLF001
        found = sorted(_found(group, search), key=lambda pair: _position(pair[1]))
        shown = list(_first_page(found, search.limit_count))
        is_more = len(shown) < len(found)
        rows = [_row(stream, event) for stream, event in shown]
        return _answer(rows, _position(shown[-1][1]) if is_more else None)

    def _new_event(self, row: dict[str, Any]) -> MotoObject:
        now_ms = int(time.time() * 1000)
        is_late = self._faults.happens(self._faults.late_log_share)
        visible_ms = now_ms + (self._faults.late_log_ms if is_late else 0)
        return LogEvent(visible_ms, row)

    def _send(self, subscription: MotoObject, stream: MotoObject, events: list[MotoObject]) -> None:
        matches = compile_pattern(subscription.filter_pattern or "")
        chosen = [event for event in events if matches(event.message)]
        destination = subscription.destination_arn
        if not chosen:
            return
        if (service := destination.split(":")[2]) != "lambda":
            rows = _subscription_rows(chosen)
            stream._send_log_events(service, destination, subscription.name, rows)  # noqa: SLF001
            return
        if stream.log_group.name == f"/aws/lambda/{destination.split(':')[6]}":
            return
        self._deliveries.submit(
            Delivery(destination, subscription_event(subscription, stream, chosen))
        )


def subscription_event(
    subscription: MotoObject, stream: MotoObject, events: list[MotoObject]
) -> dict[str, Any]:
    """Return what a Lambda destination gets: a gzipped JSON document in base64."""
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": stream.account_id,
        "logGroup": stream.log_group.name,
        "logStream": stream.log_stream_name,
        "subscriptionFilters": [subscription.name],
        "logEvents": _subscription_rows(events),
    }
    packed = gzip.compress(json.dumps(document).encode())
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}


def _put_log_events(stream: MotoObject, logs: Logs, log_events: list[dict[str, Any]]) -> str:
    return logs.take(stream, log_events)


def _filter_log_events(response: MotoObject, logs: Logs) -> str:
    return json.dumps(logs.page(response.logs_backend, _read_search(response)))


def _read_search(response: MotoObject) -> Search:
    parameter = response._get_param  # noqa: SLF001 moto's parser
    identifier = parameter("logGroupIdentifier") or ""
    token = parameter("nextToken")
    end_ms = parameter("endTime")
    return Search(
        group_name=parameter("logGroupName") or identifier.split("log-group:")[-1].split(":")[0],
        streams=frozenset(parameter("logStreamNames") or []),
        stream_prefix=parameter("logStreamNamePrefix") or "",
        start_ms=int(parameter("startTime") or 0),
        end_ms=float("inf") if end_ms is None else int(end_ms),
        pattern=parameter("filterPattern") or "",
        limit_count=min(int(parameter("limit") or PAGE_EVENT_COUNT), PAGE_EVENT_COUNT),
        after=_read_token(token) if token else None,
    )


def _found(group: MotoObject, search: Search) -> Iterator[tuple[MotoObject, MotoObject]]:
    matches = compile_pattern(search.pattern)
    now_ms = time.time() * 1000
    for name, stream in list(group.streams.items()):
        if search.streams and name not in search.streams:
            continue
        if not name.startswith(search.stream_prefix):
            continue
        for event in list(stream.events):
            is_after = search.after is None or _position(event) > search.after
            is_in_time = search.start_ms <= event.timestamp <= search.end_ms
            is_wanted = is_after and is_in_time and event.ingestion_time <= now_ms
            if is_wanted and matches(event.message):
                yield stream, event


def _first_page(
    found: list[tuple[MotoObject, MotoObject]], limit_count: int
) -> Iterator[tuple[MotoObject, MotoObject]]:
    """Yield what fits into one answer; at least one event, however large."""
    page_bytes = 0
    for index, (stream, event) in enumerate(found[:limit_count]):
        page_bytes += len(event.message.encode()) + _EVENT_OVERHEAD_BYTES
        if index and page_bytes > PAGE_BYTES:
            return
        yield stream, event


def _subscription_rows(events: list[MotoObject]) -> list[dict[str, Any]]:
    return [
        {"id": _event_id(event), "timestamp": event.timestamp, "message": event.message}
        for event in events
    ]


def _row(stream: MotoObject, event: MotoObject) -> dict[str, Any]:
    return {
        "logStreamName": stream.log_stream_name,
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingestion_time,
        "eventId": _event_id(event),
    }


def _answer(rows: list[dict[str, Any]], next_position: Position | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"events": rows, "searchedLogStreams": []}
    if next_position is not None:
        token = json.dumps([*next_position, time.monotonic_ns()]).encode()  # never twice the same
        answer["nextToken"] = base64.urlsafe_b64encode(token).decode()
    return answer


def _read_token(token: str) -> Position:
    timestamp_ms, number, _ = json.loads(base64.urlsafe_b64decode(token))
    return int(timestamp_ms), int(number)


def _position(event: MotoObject) -> Position:
    return event.timestamp, event.event_id


def _event_id(event: MotoObject) -> str:
    return f"{event.event_id:056d}"
