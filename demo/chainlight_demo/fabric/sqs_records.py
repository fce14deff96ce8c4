"""The shapes Lambda gives to SQS: the batch event, and how its answer is read.

Shapes: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from chainlight_demo.fabric.patches import MotoObject

_TRACE_HEADER = "AWSTraceHeader"


def batch_event(messages: Iterable[MotoObject], queue_arn: str) -> dict[str, Any]:
    """Return the event of one batch."""
    return {"Records": [_record(message, queue_arn) for message in messages]}


def failed_message_ids(payload: bytes, message_ids: Iterable[str]) -> set[str]:
    """Read a partial batch answer: which messages are to be tried again.

    All of them when the answer is malformed or names a message that was not in the batch, none
    when it is empty, as AWS documents it.
    """
    all_ids = set(message_ids)
    try:
        answer = json.loads(payload or b"null")
    except ValueError:
        return all_ids
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not failures:
        return set()
    failed = {str(item.get("itemIdentifier")) for item in failures if isinstance(item, dict)}
    return failed if failed <= all_ids and len(failed) == len(failures) else all_ids


def _record(message: MotoObject, queue_arn: str) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": _attributes(message),
        "messageAttributes": {
            name: _message_attribute(value) for name, value in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        **({"md5OfMessageAttributes": message.attribute_md5} if message.message_attributes else {}),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def _attributes(message: MotoObject) -> dict[str, str]:
    """Return the system attributes, those that are unknown left out."""
    header = (message.system_attributes or {}).get(_TRACE_HEADER, {})
    candidates = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "AWSTraceHeader": header.get("StringValue"),
        "SentTimestamp": str(message.sent_timestamp),
        "SequenceNumber": message.sequence_number,
        "MessageGroupId": message.group_id,
        "SenderId": message.sender_id,
        "MessageDeduplicationId": message.deduplication_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        "DeadLetterQueueSourceArn": getattr(message, "dead_letter_source_arn", None),
    }
    return {name: value for name, value in candidates.items() if value is not None}


def _message_attribute(value: dict[str, Any]) -> dict[str, Any]:
    shaped: dict[str, Any] = {}
    if (text := value.get("StringValue")) is not None:
        shaped["stringValue"] = text
    if (binary := value.get("BinaryValue")) is not None:
        raw = binary if isinstance(binary, bytes) else str(binary).encode()
        shaped["binaryValue"] = base64.b64encode(raw).decode()
    return {**shaped, "stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
