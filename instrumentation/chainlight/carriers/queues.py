"""SQS SendMessage and SendMessageBatch: the context rides in the system attribute AWSTraceHeader.

It is the one attribute that counts neither among the ten nor in the size. It is set only when the
user did not. With Sampled=1 its Parent belongs to X-Ray and the header goes as Lambda gave it;
otherwise Root is the chain and Parent the call. Natural key: MessageId.
"""

from __future__ import annotations

from chainlight.carriers import Carrier, bytes_of, dicts_of, text_of, texts_of
from chainlight.context import current_header, header_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.calls import Call
    from chainlight.context import Context

    Params = dict[str, object]

_ATTRIBUTE = "AWSTraceHeader"


def trace_header(context: Context) -> str:
    """Return the header for a message: X-Ray's where it samples, else one with our call in it."""
    header = current_header()
    fields = header_fields(header)
    if header is not None and fields.get("Sampled") == "1":
        return header
    ours = f"Root={context.chain_id};Parent={context.call_id};Sampled=0"
    lineage = fields.get("Lineage")
    return f"{ours};Lineage={lineage}" if lineage else ours


def _describe_one(call: Call, params: Params) -> None:
    _describe(call, params)
    call.payload_bytes = bytes_of(params.get("MessageBody"))


def _describe_batch(call: Call, params: Params) -> None:
    _describe(call, params)
    bodies = texts_of(params.get("Entries"), "MessageBody")
    call.payload_bytes = sum(bytes_of(body) or 0 for body in bodies)


def _describe(call: Call, params: Params) -> None:
    call.kind = "sqs"
    call.is_async = 1
    call.target = text_of(params.get("QueueUrl"))


def _settle_one(call: Call, answer: Params) -> None:
    call.natural_keys = texts_of([answer], "MessageId")


def _settle_batch(call: Call, answer: Params) -> None:
    call.natural_keys = texts_of(answer.get("Successful"), "MessageId")
    refused = dicts_of(answer.get("Failed"))
    if refused:
        call.error_type = text_of(refused[0].get("Code")) or "BatchEntryFailed"


def _inject_one(context: Context, params: Params) -> Params:
    return _with_header(params, trace_header(context))


def _inject_batch(context: Context, params: Params) -> Params:
    entries = params.get("Entries")
    if not isinstance(entries, list | tuple):
        return params
    header = trace_header(context)
    filled = [
        _with_header(entry, header) if isinstance(entry, dict) else entry for entry in entries
    ]
    return {**params, "Entries": filled}


def _with_header(message: Params, header: str) -> Params:
    """Return a copy of the message with the header, or the message if it has no room for it."""
    attributes = message.get("MessageSystemAttributes", {})
    if not isinstance(attributes, dict) or _ATTRIBUTE in attributes:
        return message
    ours = {"DataType": "String", "StringValue": header}
    return {**message, "MessageSystemAttributes": {**attributes, _ATTRIBUTE: ours}}


CARRIERS = {
    "SendMessage": Carrier(_describe_one, _settle_one, _inject_one),
    "SendMessageBatch": Carrier(_describe_batch, _settle_batch, _inject_batch),
}
