"""Log events on their way into moto's CloudWatch Logs, and to whoever subscribed.

Events of one batch are stored in the order of their timestamps. Subscribers are called on a thread
of their own, one batch after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from moto.logs.models import logs_backends

from chainlight_demo.local_aws.registry import ACCOUNT_ID, REGION

_US_PER_MS = 1_000

LogHook: TypeAlias = Callable[[str, str, list[dict[str, object]]], None]
"""Called with log group, log stream and events `{"id", "timestamp" (ms), "message"}`."""


class LogWriter:
    """Writes batches; `on_batch` are the subscribers."""

    def __init__(self) -> None:
        self.on_batch: list[LogHook] = []
        self._lock = threading.Lock()
        self._undelivered_count = 0
        self._is_closed = False
        self._subscribers = ThreadPoolExecutor(1, thread_name_prefix="log-subscribers")

    @property
    def is_delivering(self) -> bool:
        """Say whether a subscriber has not seen all batches yet."""
        return self._undelivered_count > 0

    def write(self, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """Store events given as (microseconds, message)."""
        if not events:
            return
        stored = self._store(group, stream, sorted(events, key=lambda event: event[0]))
        if self.on_batch and not self._is_closed:
            with self._lock:
                self._undelivered_count += 1
            self._subscribers.submit(self._deliver, group, stream, stored)

    def close(self) -> None:
        """Stop delivering; batches that wait are dropped."""
        self._is_closed = True
        self._subscribers.shutdown(wait=True, cancel_futures=True)

    def _store(
        self, group: str, stream: str, events: Sequence[tuple[int, str]]
    ) -> list[dict[str, object]]:
        rows = [{"timestamp": at_us // _US_PER_MS, "message": text} for at_us, text in events]
        with self._lock:
            backend = logs_backends[ACCOUNT_ID][REGION]
            backend.ensure_log_group(group)
            backend.ensure_log_stream(group, stream)
            log_stream = backend.groups[group].streams[stream]
            log_stream.put_log_events(rows)
            stored = log_stream.events[-len(rows) :]
        return [
            {"id": str(event.event_id), "timestamp": event.timestamp, "message": event.message}
            for event in stored
        ]

    def _deliver(self, group: str, stream: str, events: list[dict[str, object]]) -> None:
        try:
            for hook in self.on_batch:
                hook(group, stream, events)
        finally:
            with self._lock:
                self._undelivered_count -= 1
