"""SNS Publish and PublishBatch: the context rides in one Binary message attribute.

Binary, because filter policies do not see it: a String attribute made them drop messages. Added
only below ten attributes (raw delivery to SQS discards messages with more) and where the whole
request stays within 262,144 bytes. Natural key: MessageId. Text messages to phones start nothing.
"""

from __future__ import annotations

from chainlight.carriers import Carrier, bytes_of, dicts_of, text_of, texts_of
from chainlight.context import SLOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.calls import Call
    from chainlight.context import Context

    Params = dict[str, object]

ATTRIBUTES_MAX = 10
REQUEST_BYTES_MAX = 262_144
_TYPE = "Binary"


def _is_call(params: Params) -> bool:
    return "PhoneNumber" not in params


def _describe_one(call: Call, params: Params) -> None:
    _describe(call, params)
    call.payload_bytes = bytes_of(params.get("Message"))


def _describe_batch(call: Call, params: Params) -> None:
    _describe(call, params)
    messages = texts_of(params.get("PublishBatchRequestEntries"), "Message")
    call.payload_bytes = sum(bytes_of(message) or 0 for message in messages)


def _describe(call: Call, params: Params) -> None:
    call.kind = "sns"
    call.is_async = 1
    call.target = text_of(params.get("TopicArn")) or text_of(params.get("TargetArn"))


def _settle_one(call: Call, answer: Params) -> None:
    call.natural_keys = texts_of([answer], "MessageId")


def _settle_batch(call: Call, answer: Params) -> None:
    call.natural_keys = texts_of(answer.get("Successful"), "MessageId")
    refused = dicts_of(answer.get("Failed"))
    if refused:
        call.error_type = text_of(refused[0].get("Code")) or "BatchEntryFailed"


def _inject_one(context: Context, params: Params) -> Params:
    filled = _with_context(params, context.text().encode())
    return filled if _message_bytes(filled) <= REQUEST_BYTES_MAX else params


def _inject_batch(context: Context, params: Params) -> Params:
    entries = params.get("PublishBatchRequestEntries")
    if not isinstance(entries, list | tuple) or len(dicts_of(entries)) < len(entries):
        return params
    ours = context.text().encode()
    filled = [_with_context(entry, ours) for entry in entries]
    if sum(map(_message_bytes, filled)) > REQUEST_BYTES_MAX:
        return params
    return {**params, "PublishBatchRequestEntries": filled}


def _with_context(message: Params, ours: bytes) -> Params:
    """Return a copy of the message with our attribute, or the message if it has no room for it."""
    attributes = message.get("MessageAttributes", {})
    if not isinstance(attributes, dict) or SLOT in attributes or len(attributes) >= ATTRIBUTES_MAX:
        return message
    slot = {"DataType": _TYPE, "BinaryValue": ours}
    return {**message, "MessageAttributes": {**attributes, SLOT: slot}}


def _message_bytes(message: Params) -> int:
    """Return the size that SNS counts: message, subject, and name, type and value of attributes."""
    total = (bytes_of(message.get("Message")) or 0) + (bytes_of(message.get("Subject")) or 0)
    attributes = message.get("MessageAttributes", {})
    for name, attribute in attributes.items() if isinstance(attributes, dict) else ():
        values = attribute.values() if isinstance(attribute, dict) else ()
        total += (bytes_of(name) or 0) + sum(bytes_of(value) or 0 for value in values)
    return total


CARRIERS = {
    "Publish": Carrier(_describe_one, _settle_one, _inject_one, _is_call),
    "PublishBatch": Carrier(_describe_batch, _settle_batch, _inject_batch),
}
