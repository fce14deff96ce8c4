"""SQS message move tasks: dead letters back to the queue they came from, under new message ids.

As on AWS they work only for dead-letter queues of other SQS queues, never for those of Lambda or
SNS, and one at a time per queue.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.exceptions import SQSException
from moto.sqs.responses import SQSResponse

from chainlight_demo.fabric import sqs_queues
from chainlight_demo.fabric.patches import MotoObject, Patches

_NOT_A_DLQ = (
    "Source queue must be configured as a Dead Letter Queue."
    " DLQs of Lambda functions and SNS topics cannot be redriven this way."
)


def install(patches: Patches) -> None:
    """Add the operations moto has not."""
    tasks: dict[str, list[dict[str, Any]]] = {}

    def start(response: MotoObject) -> MotoObject:
        return _start(tasks, response)

    def list_tasks(response: MotoObject) -> MotoObject:
        rows = tasks.get(_parameter(response, "SourceArn"), [])
        wanted_count = int(_parameter(response, "MaxResults") or 1)
        return ActionResult({"Results": rows[-wanted_count:][::-1]})

    patches.replace(SQSResponse, "start_message_move_task", start)
    patches.replace(SQSResponse, "list_message_move_tasks", list_tasks)


def _start(tasks: dict[str, list[dict[str, Any]]], response: MotoObject) -> MotoObject:
    source_arn = _parameter(response, "SourceArn")
    source = sqs_queues.queue_of(source_arn)
    if source is None:
        raise SQSException(
            "ResourceNotFoundException",
            "The resource that you specified for the SourceArn parameter doesn't exist.",
        )
    if not response.sqs_backend.list_dead_letter_source_queues(source.name):
        raise SQSException("InvalidParameterValue", _NOT_A_DLQ)
    destination_arn = _parameter(response, "DestinationArn")
    moved_count = _move(source, destination_arn)
    handle = str(uuid.uuid4())
    row = {
        "TaskHandle": handle,
        "Status": "COMPLETED",
        "SourceArn": source_arn,
        "ApproximateNumberOfMessagesMoved": moved_count,
        "ApproximateNumberOfMessagesToMove": moved_count,
        "StartedTimestamp": int(time.time() * 1000),
    }
    if destination_arn:
        row["DestinationArn"] = destination_arn
    tasks.setdefault(source_arn, []).append(row)
    return ActionResult({"TaskHandle": handle})


def _move(source: MotoObject, destination_arn: str | None) -> int:
    """Move every visible message; one whose queue is gone stays where it is."""
    moved_count = 0
    with sqs_queues.LOCK:
        for message in list(source.messages):
            target_arn = destination_arn or getattr(message, "dead_letter_source_arn", None)
            target = sqs_queues.queue_of(target_arn) if target_arn else None
            if target is None:
                continue
            source._messages.remove(message)  # noqa: SLF001 moto's own store
            sqs_queues.move_to(target, message)
            moved_count += 1
    return moved_count


def _parameter(response: MotoObject, name: str) -> str:
    return response._get_param(name)  # type: ignore[no-any-return]  # noqa: SLF001 moto's parser
