"""moto's SQS, made true where chains get lost: dead letters, trace headers, several receivers.

Every patched operation holds one lock, because moto checks and marks a message in two steps and
two pollers would both get it.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from moto.core.utils import unix_time_millis
from moto.sqs.models import Queue, SQSBackend, sqs_backends
from moto.sqs.responses import SQSResponse

from chainlight_demo.fabric.exchange import current_trace_header
from chainlight_demo.fabric.patches import MotoObject, Patches

LOCK = threading.RLock()
"""Held by whoever looks at a queue's messages and changes them."""

_POLL_S = 0.02
_TRACE_HEADER = "AWSTraceHeader"


def install(patches: Patches, on_message: Callable[[], None]) -> None:
    """Patch SQS; `on_message` is called after a queue has got a message."""
    patches.replace(Queue, "add_message", functools.partialmethod(_add_message, on_message))
    patches.wrap(SQSBackend, "send_message", _send_message)
    patches.wrap(SQSBackend, "send_message_batch", _send_message_batch)
    patches.wrap(SQSBackend, "receive_message", _receive_message)
    patches.wrap(SQSResponse, "receive_message", _receive_response)
    for name in ("delete_message", "change_message_visibility", "purge_queue"):
        patches.wrap(SQSBackend, name, _locked)


def queue_of(arn: str) -> MotoObject | None:
    """Return the queue with this ARN, None if there is none."""
    _, _, _, region, account_id, name = arn.split(":")
    return sqs_backends[account_id][region].queues.get(name)


def backend_by_region(account_id: str, region: str) -> MotoObject:
    """Return the SQS backend of an account in a region."""
    return sqs_backends[account_id][region]


def backend_of(queue: MotoObject) -> MotoObject:
    """Return the backend a queue lives in."""
    return sqs_backends[queue.account_id][queue.region]


def cut_visibility(queue: MotoObject, receipt_handle: str, time_scale: float) -> None:
    """Shorten what is left of a message's visibility timeout to `time_scale` of it.

    The timeout runs at true length while a function works on the message, since functions run in
    real time; only the waiting after a failure is shortened.
    """
    now_ms = unix_time_millis()
    with LOCK:
        for message in queue._messages:  # noqa: SLF001 moto offers no lookup by receipt
            if message.receipt_handle == receipt_handle:
                message.visible_at = now_ms + max(0.0, message.visible_at - now_ms) * time_scale


def move_to(queue: MotoObject, message: MotoObject) -> None:
    """Send a copy of a dead letter to `queue` under a new message id, as message move tasks do."""
    send = backend_of(queue).send_message
    attributes = message.system_attributes or None
    sent = send(
        queue.name,
        message.body,
        message_attributes=message.message_attributes,
        system_attributes=attributes,
        group_id=message.group_id,
        deduplication_id=message.deduplication_id,
    )
    sent.dead_letter_source_arn = None


def _locked(original: MotoObject, *args: MotoObject, **kwargs: MotoObject) -> MotoObject:
    with LOCK:
        return original(*args, **kwargs)


def _add_message(queue: MotoObject, on_message: Callable[[], None], message: MotoObject) -> None:
    """Take a message in without moto's inline delivery to Lambda; remember where it died."""
    with LOCK:
        first_queue_arn = getattr(message, "first_queue_arn", queue.queue_arn)
        message.first_queue_arn = first_queue_arn
        if first_queue_arn != queue.queue_arn:
            message.dead_letter_source_arn = first_queue_arn
        if queue.fifo_queue and _is_duplicate(queue, message):
            return
        queue._messages.append(message)  # noqa: SLF001 moto's own store
    on_message()


def _is_duplicate(queue: MotoObject, message: MotoObject) -> bool:
    """Say whether a FIFO queue has seen this deduplication id within AWS's five minutes."""
    if not message.deduplication_id:
        return False
    window_ms = 300_000
    return any(
        known.deduplication_id == message.deduplication_id
        and message.sent_timestamp - known.sent_timestamp < window_ms
        for known in queue._messages  # noqa: SLF001 moto's own store
    )


def _send_message(original: MotoObject, *args: MotoObject, **kwargs: MotoObject) -> MotoObject:
    header = current_trace_header()
    system_attributes: dict[str, Any] = dict(kwargs.pop("system_attributes", None) or {})
    if header and _TRACE_HEADER not in system_attributes:
        system_attributes[_TRACE_HEADER] = {"DataType": "String", "StringValue": header}
    with LOCK:
        return original(*args, system_attributes=system_attributes or None, **kwargs)


def _send_message_batch(
    original: MotoObject, backend: MotoObject, queue_name: str, entries: dict[str, Any]
) -> MotoObject:
    """Keep each entry's own system attributes; moto drops them."""
    own = {entry["Id"]: entry.get("MessageSystemAttributes") for entry in entries.values()}
    with LOCK:
        messages, failed = original(backend, queue_name, entries)
        for message in messages:
            message.system_attributes.update(own.get(message.user_id) or {})
    return messages, failed


def _receive_message(  # noqa: PLR0913, PLR0917 moto's signature
    original: MotoObject,
    backend: MotoObject,
    queue_name: str,
    count: int,
    wait_seconds_timeout: int,
    visibility_timeout: int,
    message_attribute_names: list[str] | None = None,
) -> MotoObject:
    """Wait without the lock, receive under it."""
    deadline_s = time.monotonic() + (wait_seconds_timeout or 0)
    while True:
        with LOCK:
            found = original(
                backend, queue_name, count, 0, visibility_timeout, message_attribute_names
            )
        if found or time.monotonic() >= deadline_s:
            return found
        time.sleep(_POLL_S)


def _receive_response(original: MotoObject, response: MotoObject) -> MotoObject:
    """Add DeadLetterQueueSourceArn to the messages of an answer, where it was asked for."""
    answer = original(response)
    asked = set(response._get_param("AttributeNames", []))  # noqa: SLF001 moto's parser
    asked |= set(response._get_param("MessageSystemAttributeNames", []))  # noqa: SLF001
    if not asked & {"All", "DeadLetterQueueSourceArn"}:
        return answer
    queue = response.sqs_backend.get_queue(response._get_queue_name())  # noqa: SLF001
    sources = {
        message.id: getattr(message, "dead_letter_source_arn", None)
        for message in list(queue._messages)  # noqa: SLF001 moto's own store
    }
    for row in answer.result.get("Messages", []):
        if source := sources.get(row["MessageId"]):
            row.setdefault("Attributes", {})["DeadLetterQueueSourceArn"] = source
    return answer
