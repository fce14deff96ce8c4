"""Events with ``Records``: a cause for each record, with the keys of every envelope it came in.

Envelopes nest (S3 in SNS in SQS): each layer adds its keys, outer first, and fills in what the
layers before it did not know. Depth, width and the size of a text worth parsing are limited.
"""

from __future__ import annotations

from base64 import b64decode

from chainlight.causes import Cause, Source
from chainlight.context import SLOT, header_fields, is_call_id, is_chain_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Json = dict[str, object]
    Layer = Callable[[Cause, Json, int], None]

_DEPTH_MAX = 4
_WIDTH_MAX = 100
_TEXT_CHARS_MAX = 1_100_000
_ENVELOPE_SIGNS = ('"TopicArn"', '"Records"', '"detail-type"')


def batch(event: Json) -> Source | None:
    """Recognise a batch by the source that its first record names."""
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    name = _source_name(first)
    if not isinstance(records, list) or name not in _LAYERS:
        return None
    kind, layer, locate = _LAYERS[name]
    causes = []
    for record in records:
        cause = Cause()
        if isinstance(record, dict):
            layer(cause, record, 0)
        causes.append(cause)
    return Source(kind, locate(first) if isinstance(first, dict) else None, causes)


def _source_name(record: object) -> str:
    if not isinstance(record, dict):
        return ""
    name = record.get("eventSource") or record.get("EventSource")
    return name if isinstance(name, str) else ""


def _message(cause: Cause, record: Json, depth: int) -> None:
    """Read an SQS message: its own attributes, then what its body may be an envelope of."""
    _add_key(cause, record.get("messageId"))
    attributes = _dict(record.get("attributes"))
    _take_header(cause, attributes.get("AWSTraceHeader"))
    if depth == 0:
        cause.receive_count = _whole(attributes.get("ApproximateReceiveCount")) or 1
        sent_ms = _whole(attributes.get("SentTimestamp"))
        cause.sent_us = sent_ms * 1000 if sent_ms is not None else None
    raw = _dict(_dict(record.get("messageAttributes")).get(SLOT))
    _take_binary(cause, raw.get("binaryValue"))
    _unwrap(cause, record.get("body"), depth)


def _notification_record(cause: Cause, record: Json, depth: int) -> None:
    _notification(cause, _dict(record.get("Sns")), depth)


def _notification(cause: Cause, notification: Json, depth: int) -> None:
    """Read an SNS notification, as Lambda gives it or as the body of an SQS message."""
    _add_key(cause, notification.get("MessageId"))
    slot = _dict(_dict(notification.get("MessageAttributes")).get(SLOT))
    _take_binary(cause, slot.get("Value"))
    _unwrap(cause, notification.get("Message"), depth)


def _object_event(cause: Cause, record: Json, depth: int) -> None:  # noqa: ARG001
    _add_key(cause, _dict(record.get("responseElements")).get("x-amz-request-id"))


def _stream_record(cause: Cause, record: Json, depth: int) -> None:  # noqa: ARG001
    _add_key(cause, record.get("eventID"))
    stream = _dict(record.get("kinesis") or record.get("dynamodb"))
    seconds = stream.get("approximateArrivalTimestamp", stream.get("ApproximateCreationDateTime"))
    if isinstance(seconds, int | float):
        cause.sent_us = int(seconds * 1_000_000)


def _mail(cause: Cause, record: Json, depth: int) -> None:  # noqa: ARG001
    _add_key(cause, _dict(_dict(record.get("ses")).get("mail")).get("messageId"))


def _bus_event(cause: Cause, event: Json) -> None:
    _add_key(cause, event.get("id"))
    _add_key(cause, _dict(event.get("detail")).get("request-id"))


def _unwrap(cause: Cause, text: object, depth: int) -> None:
    """Read the text as an envelope if it looks like one; a text of the user's own is left alone."""
    if depth >= _DEPTH_MAX or not isinstance(text, str) or len(text) > _TEXT_CHARS_MAX:
        return
    if not text.startswith("{") or not any(sign in text for sign in _ENVELOPE_SIGNS):
        return
    from json import loads  # noqa: PLC0415 - only envelopes need it

    try:
        envelope = loads(text)
    except (ValueError, RecursionError):
        return
    if "detail-type" in envelope:
        _bus_event(cause, envelope)
    elif "TopicArn" in envelope:
        _notification(cause, envelope, depth + 1)
    else:
        _inner_records(cause, envelope.get("Records"), depth + 1)


def _inner_records(cause: Cause, records: object, depth: int) -> None:
    for record in records[:_WIDTH_MAX] if isinstance(records, list) else ():
        name = _source_name(record)
        if name in _LAYERS:
            _LAYERS[name][1](cause, record, depth)


def _take_header(cause: Cause, header: object) -> None:
    """Take the chain from a trace header; its Parent is a call of ours only if X-Ray is not on."""
    fields = header_fields(header)
    root = fields.get("Root", "")
    if cause.chain_id is not None or not is_chain_id(root):
        return
    cause.chain_id = root
    parent = fields.get("Parent", "")
    if fields.get("Sampled") == "0" and is_call_id(parent):
        cause.call_id = parent


def _take_binary(cause: Cause, value: object) -> None:
    if isinstance(value, str):
        try:
            cause.take_context(b64decode(value, validate=True).decode("ascii"))
        except ValueError:
            return


def _add_key(cause: Cause, key: object) -> None:
    if isinstance(key, str) and key not in cause.natural_keys:
        cause.natural_keys.append(key)


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _whole(text: object) -> int | None:
    return int(text) if isinstance(text, str) and text.isdecimal() else None


def _event_source_arn(record: Json) -> object:
    return record.get("eventSourceARN")


def _topic_arn(record: Json) -> object:
    return _dict(record.get("Sns")).get("TopicArn")


def _bucket_arn(record: Json) -> object:
    return _dict(_dict(record.get("s3")).get("bucket")).get("arn")


_LAYERS: dict[str, tuple[str, Layer, Callable[[Json], object]]] = {
    "aws:sqs": ("sqs", _message, _event_source_arn),
    "aws:sns": ("sns", _notification_record, _topic_arn),
    "aws:s3": ("s3", _object_event, _bucket_arn),
    "aws:kinesis": ("kinesis", _stream_record, _event_source_arn),
    "aws:dynamodb": ("dynamodb", _stream_record, _event_source_arn),
    "aws:ses": ("ses", _mail, _event_source_arn),
}
"""The source a record names: its kind, how a record of it is read, where its sender's ARN is."""
