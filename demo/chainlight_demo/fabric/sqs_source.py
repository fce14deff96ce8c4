"""Lambda's SQS poller: batches with their records, and what a result means for the queue.

Every delivery is a new invocation with a new request id. Success deletes, failure lets the
visibility timeout run out, and the queue's redrive policy moves what came too often.
"""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from chainlight_demo.fabric import sqs_queues
from chainlight_demo.fabric.deliveries import function_and_qualifier
from chainlight_demo.fabric.mappings import function_exists
from chainlight_demo.fabric.patches import MotoObject
from chainlight_demo.fabric.ports import LocalAws
from chainlight_demo.fabric.sqs_records import batch_event, failed_message_ids

_DEFAULT_CONCURRENCY = 5
"""Lambda starts with five concurrent batches per standard queue."""
_RECEIVE_AT_MOST = 10


class SqsSource:
    """One mapping from one queue to one function."""

    def __init__(self, mapping: MotoObject, local_aws: LocalAws) -> None:
        self._mapping = mapping
        self._local_aws = local_aws
        self._gathered: list[MotoObject] = []
        self._gathered_since_s = 0.0
        self._running_count = 0
        self._lock = threading.Lock()

    def poll(self) -> Callable[[], None] | None:
        """Receive, and return the work of a batch that is full or whose window is over."""
        queue = self._queue()
        if queue is None or self._running_count >= self._concurrency():
            return None
        with self._lock:
            self._gather(queue)
            if not self._is_batch_ready():
                return None
            messages, self._gathered = self._gathered, []
            self._running_count += 1
        return functools.partial(self._work, queue, messages)

    def is_busy(self) -> bool:
        """Say whether the queue holds messages or a batch is running."""
        queue = self._queue()
        has_messages = queue is not None and bool(queue._messages)  # noqa: SLF001 moto's store
        return self._running_count > 0 or has_messages

    def _queue(self) -> MotoObject | None:
        if not function_exists(self._mapping):
            return None
        return sqs_queues.queue_of(self._mapping.event_source_arn)

    def _concurrency(self) -> int:
        scaling = self._mapping.scaling_config or {}
        return int(scaling.get("MaximumConcurrency") or _DEFAULT_CONCURRENCY)

    def _gather(self, queue: MotoObject) -> None:
        wanted_count = min(_RECEIVE_AT_MOST, self._mapping.batch_size - len(self._gathered))
        if wanted_count <= 0:
            return
        received = sqs_queues.backend_of(queue).receive_message(
            queue.name, wanted_count, 0, queue.visibility_timeout, ["All"]
        )
        if received and not self._gathered:
            self._gathered_since_s = time.monotonic()
        self._gathered += received

    def _is_batch_ready(self) -> bool:
        if not self._gathered:
            return False
        window_s = float(self._mapping.max_batch_window or 0) * self._local_aws.time_scale
        is_window_over = time.monotonic() - self._gathered_since_s >= window_s
        return is_window_over or len(self._gathered) >= self._mapping.batch_size

    def _work(self, queue: MotoObject, messages: list[MotoObject]) -> None:
        try:
            failed = self._deliver(messages)
            if self._local_aws.faults.happens(self._local_aws.faults.duplicate_sqs_share):
                failed &= self._deliver(messages)
            self._settle(queue, messages, failed)
        finally:
            with self._lock:
                self._running_count -= 1

    def _deliver(self, messages: list[MotoObject]) -> set[str]:
        """Invoke the function with a batch; return the ids of the messages that failed."""
        message_ids = {message.id for message in messages}
        name, qualifier = function_and_qualifier(self._mapping.function_arn)
        try:
            result = self._local_aws.plane.invoke(
                name, self._payload(messages), mode="sync", qualifier=qualifier
            )
        except Exception:  # noqa: BLE001 a refused batch comes back after its visibility timeout
            return message_ids
        if result.status_code >= 400 or result.function_error:  # noqa: PLR2004 HTTP
            return message_ids
        if "ReportBatchItemFailures" in (self._mapping.function_response_types or []):
            return failed_message_ids(result.payload, message_ids)
        return set()

    def _payload(self, messages: list[MotoObject]) -> bytes:
        event: dict[str, Any] = batch_event(messages, self._mapping.event_source_arn)
        return json.dumps(event).encode()

    def _settle(self, queue: MotoObject, messages: list[MotoObject], failed: set[str]) -> None:
        backend = sqs_queues.backend_of(queue)
        with sqs_queues.LOCK:
            for message in messages:
                if message.id in failed:
                    sqs_queues.cut_visibility(
                        queue, message.receipt_handle, self._local_aws.time_scale
                    )
                elif backend.queues.get(queue.name) is queue:
                    _delete(backend, queue, message)


def _delete(backend: MotoObject, queue: MotoObject, message: MotoObject) -> None:
    """Delete a message unless somebody purged or deleted it meanwhile."""
    is_there = any(
        known.receipt_handle == message.receipt_handle
        for known in queue._messages  # noqa: SLF001 moto's own store
    )
    if is_there:
        backend.delete_message(queue.name, message.receipt_handle)
