"""Events with ``Records``: a cause for each record, with the keys of every envelope it came in.

Envelopes nest (S3 in SNS in SQS): each layer adds its keys, outer first, and fills in what the
layers before it did not know. Depth, width and the size of a text worth parsing are limited.
"""

from __future__ import annotations

from binascii import a2b_base64

from chainlight.context import SLOT
from chainlight.sources import Cause, Source
from chainlight.sources.shapes import (
    at,
    dict_of,
    instant_us,
    list_of,
    take_headers,
    us_of_ms,
    whole,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Json = dict[str, object]
    Layer = Callable[[Cause, Json, int], None]

_DEPTH_MAX = 4
_WIDTH_MAX = 100
_TEXT_CHARS_MAX = 1_100_000
_HEAD_CHARS = 65_536
_RECEIVE_COUNT_MAX = 1_000_000
_ENVELOPE_SIGNS = ('"TopicArn"', '"Records"', '"detail-type"', '"requestContext"')


def batch(event: Json) -> Source | None:
    """Recognise a batch by the source that its first record names."""
    records = list_of(event.get("Records"))
    first = dict_of(records[0]) if records else {}
    name = _source_name(first)
    if "cf" in first:
        return Source("cloudfront")
    if name not in _LAYERS:
        return None
    kind, layer, path = _LAYERS[name]
    causes = []
    for record in records:
        cause = Cause()
        if isinstance(record, dict):
            layer(cause, record, 0)
        causes.append(cause)
    return Source(kind, at(first, *path), causes)


def _source_name(record: object) -> str:
    name = at(record, "eventSource") or at(record, "EventSource")
    return name if isinstance(name, str) else ""


def _message(cause: Cause, record: Json, depth: int) -> None:
    """Read an SQS message: its own attributes, then what its body may be an envelope of.

    In a dead-letter queue Lambda adds the failed invocation's RequestID, and SQS keeps id, header
    and count of the queue that the message failed in.
    """
    cause.add_key(record.get("messageId"))
    attributes = dict_of(record.get("attributes"))
    ours = dict_of(record.get("messageAttributes"))
    if ours:
        cause.add_key(_failed_request(ours, "stringValue"))
    if depth == 0:
        count = whole(attributes.get("ApproximateReceiveCount")) or 1
        cause.receive_count = min(count, _RECEIVE_COUNT_MAX)
        cause.sent_us = us_of_ms(attributes.get("SentTimestamp"))
    cause.take_trace_header(attributes.get("AWSTraceHeader"))
    if ours:
        take_headers(cause, ours)
        _take_binary(cause, at(ours, SLOT, "binaryValue"))
    _unwrap(cause, record.get("body"), depth)


def _notification_record(cause: Cause, record: Json, depth: int) -> None:
    _notification(cause, dict_of(record.get("Sns")), depth)


def _notification(cause: Cause, notification: Json, depth: int) -> None:
    """Read an SNS notification, as Lambda gives it or as the body of an SQS message."""
    cause.add_key(notification.get("MessageId"))
    attributes = dict_of(notification.get("MessageAttributes"))
    cause.add_key(_failed_request(attributes, "Value"))
    if cause.sent_us is None:
        cause.sent_us = instant_us(notification.get("Timestamp"))
    take_headers(cause, attributes)
    _take_binary(cause, at(attributes, SLOT, "Value"))
    _unwrap(cause, notification.get("Message"), depth)


def _failed_request(attributes: Json, value_name: str) -> object:
    """Return the request id that Lambda writes on what it sends to a function's DLQ."""
    return at(attributes, "RequestID", value_name) if "ErrorCode" in attributes else None


def _object_event(cause: Cause, record: Json, depth: int) -> None:
    cause.add_key(at(record, "responseElements", "x-amz-request-id"))
    if depth == 0:
        cause.sent_us = instant_us(record.get("eventTime"))


def _shard_record(cause: Cause, record: Json, depth: int) -> None:  # noqa: ARG001
    cause.add_key(record.get("eventID"))
    _take_arrival(cause, at(record, "kinesis", "approximateArrivalTimestamp"))
    _take_arrival(cause, record.get("approximateArrivalTimestamp"))  # as a pipe has it


def _table_record(cause: Cause, record: Json, depth: int) -> None:  # noqa: ARG001
    from chainlight.keys import item_key  # noqa: PLC0415 - tables' streams only

    change = dict_of(record.get("dynamodb"))
    key = item_key(record.get("eventSourceARN"), change.get("Keys"))
    cause.add_key(key)
    cause.add_key(record.get("eventID"))  # the key repeats, and batches are tried again
    _take_arrival(cause, change.get("ApproximateCreationDateTime"))


def _mail(cause: Cause, record: Json, depth: int) -> None:  # noqa: ARG001
    cause.add_key(at(record, "ses", "mail", "messageId"))


def _nothing(cause: Cause, record: Json, depth: int) -> None:
    """Take nothing: no sender of such a record is known to us."""


def _unwrap(cause: Cause, text: object, depth: int) -> None:
    """Read the text as an envelope if it looks like one; a text of the user's own is left alone."""
    if depth >= _DEPTH_MAX or not isinstance(text, str) or len(text) > _TEXT_CHARS_MAX:
        return
    head = text[:_HEAD_CHARS]
    if not head.startswith("{") or not any(sign in head for sign in _ENVELOPE_SIGNS):
        return
    from json import loads  # noqa: PLC0415 - only envelopes need it

    try:
        _open(cause, loads(text), depth)
    except (ValueError, RecursionError):
        return


def _open(cause: Cause, envelope: Json, depth: int) -> None:
    if "TopicArn" in envelope:
        _notification(cause, envelope, depth + 1)
    elif "detail-type" in envelope or "requestContext" in envelope:
        from chainlight.sources import events  # noqa: PLC0415 - few queues hold such

        take = events.take_bus_event if "detail-type" in envelope else events.take_destination
        take(cause, envelope)
    else:
        _inner_records(cause, envelope.get("Records"), depth + 1)


def _inner_records(cause: Cause, records: object, depth: int) -> None:
    for record in list_of(records)[:_WIDTH_MAX]:
        name = _source_name(record)
        if name in _LAYERS:
            _LAYERS[name][1](cause, dict_of(record), depth)


def _take_binary(cause: Cause, value: object) -> None:
    if isinstance(value, str):
        try:
            cause.take_context(a2b_base64(value, strict_mode=True).decode("ascii"))
        except ValueError:
            return


def _take_arrival(cause: Cause, seconds: object) -> None:
    if isinstance(seconds, int | float) and 0 <= seconds < 1e11:  # noqa: PLR2004 - the year 5138
        cause.sent_us = int(seconds * 1_000_000)


_LAYERS: dict[str, tuple[str, Layer, tuple[str, ...]]] = {
    "aws:sqs": ("sqs", _message, ("eventSourceARN",)),
    "aws:sns": ("sns", _notification_record, ("Sns", "TopicArn")),
    "aws:s3": ("s3", _object_event, ("s3", "bucket", "arn")),
    "aws:kinesis": ("kinesis", _shard_record, ("eventSourceARN",)),
    "aws:dynamodb": ("dynamodb", _table_record, ("eventSourceARN",)),
    "aws:ses": ("ses", _mail, ("eventSourceARN",)),
    "aws:codecommit": ("codecommit", _nothing, ("eventSourceARN",)),
}
"""The source a record names: its kind, how a record of it is read, where its sender's ARN is."""
