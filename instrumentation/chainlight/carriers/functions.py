"""Lambda Invoke and its relatives: the context rides in ClientContext.

ClientContext reaches the callee of a waiting caller, and at most 3,583 bytes of base64. An Event
invocation drops it: the answer's request id, which is the callee's own, links both kinds. Into an
Event's payload the context goes by opt-in only (CHAINLIGHT_PAYLOAD), and only into an object.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from chainlight.carriers import Carrier, bytes_of, text_of
from chainlight.context import SLOT
from chainlight.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.context import Context
    from chainlight.invocation import Call

    Params = dict[str, object]
    Header = tuple[str, str]

CLIENT_CONTEXT_BYTES_MAX = 3583
EVENT_BYTES_MAX = 1_000_000
"""Lambda takes 1 MB from an asynchronous caller; the smaller reading of it."""


def _is_call(params: Params) -> bool:
    return params.get("InvocationType") != "DryRun"


def _describe(call: Call, params: Params) -> None:
    call.target = text_of(params.get("FunctionName"))
    if params.get("InvocationType") == "Event":
        call.is_async = 1
    call.payload_bytes = bytes_of(params.get("Payload"))


def _describe_async(call: Call, params: Params) -> None:
    call.target = text_of(params.get("FunctionName"))
    call.is_async = 1
    call.payload_bytes = bytes_of(params.get("InvokeArgs"))


def _settle(call: Call, answer: Params) -> object:
    metadata = answer.get("ResponseMetadata")
    request_id = metadata.get("RequestId") if isinstance(metadata, dict) else None
    if isinstance(request_id, str):
        call.natural_keys = [request_id]
    error_type = answer.get("FunctionError")
    if isinstance(error_type, str):
        call.error_type = error_type
    return None if call.is_async else answer.get("Payload")


def _settle_stream(call: Call, answer: Params) -> object:
    from chainlight.carriers.answer_streams import follow  # noqa: PLC0415 - few callers stream

    _settle(call, answer)
    follow(call, answer.get("EventStream"))
    return None


def _inject(context: Context, params: Params) -> Params:
    if params.get("InvocationType") == "Event":
        return _inject_payload(context, params) if settings().may_use_payload else params
    existing = params.get("ClientContext")
    encoded = _extended(existing, context.text()) if isinstance(existing, str) else None
    if encoded is None or len(encoded) > CLIENT_CONTEXT_BYTES_MAX:
        return params
    return {**params, "ClientContext": encoded}


def _header(context: Context, params: Params) -> Header | None:
    """Return ClientContext as the header it becomes, at 0.6 of what a parameter costs botocore."""
    if "ClientContext" in params or params.get("InvocationType") == "Event":
        return None
    plain = f'{{"custom":{{"{SLOT}":"{context.text()}"}}}}'
    return "X-Amz-Client-Context", b2a_base64(plain.encode(), newline=False).decode()


def _extended(existing: str, text: str) -> str | None:
    """Return the user's client context with our entry, or None where it has no room for one."""
    from json import dumps, loads  # noqa: PLC0415 - users seldom bring a context of their own

    try:
        theirs = loads(a2b_base64(existing, strict_mode=True), parse_float=_same_float)
    except ValueError:
        return None
    custom = theirs.get("custom", {}) if isinstance(theirs, dict) else None
    if not isinstance(custom, dict):
        return None
    ours = {**theirs, "custom": {**custom, SLOT: text}}
    try:
        written = dumps(ours, separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError:
        return None
    return b2a_base64(written, newline=False).decode()


def _same_float(text: str) -> float:
    """Refuse numbers that would be written differently: 1.10 stays the user's 1.10."""
    value = float(text)
    if repr(value) != text:
        raise ValueError
    return value


def _inject_payload(context: Context, params: Params) -> Params:
    """Put our key first into an object's text, so that every other byte of it stays as it is."""
    payload = params.get("Payload")
    if not isinstance(payload, str | bytes | bytearray):
        return params
    raw = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else bytes(payload)
    keys = _keys_of_object(raw)
    if keys is None or SLOT in keys:
        return params
    start = raw.index(b"{") + 1
    ours = f'"{SLOT}":"{context.text()}"{"," if keys else ""}'.encode()
    filled = raw[:start] + ours + raw[start:]
    return {**params, "Payload": filled} if len(filled) <= EVENT_BYTES_MAX else params


def _keys_of_object(raw: bytes) -> frozenset[str] | None:
    from json import loads  # noqa: PLC0415 - by opt-in only

    if raw.lstrip()[:1] != b"{":
        return None
    try:
        return frozenset(loads(raw))
    except (ValueError, RecursionError):
        return None


def _is_chained(params: Params) -> bool:
    return bool(_chained(params))


def _chained(params: Params) -> list[Params]:
    """Return the updates of a durable execution's checkpoint that start another function."""
    updates = params.get("Updates")
    return [
        update
        for update in (updates if isinstance(updates, list | tuple) else ())
        if isinstance(update, dict)
        and (update.get("Type"), update.get("Action")) == ("CHAINED_INVOKE", "START")
    ]


def _describe_chained(call: Call, params: Params) -> None:
    """Describe a durable chained invoke: its history names execution and operation as we do."""
    call.kind = "durable"
    call.is_async = 1
    updates = _chained(params)
    options = [update.get("ChainedInvokeOptions") for update in updates]
    names = [text_of(option.get("FunctionName")) for option in options if isinstance(option, dict)]
    call.target = next(iter(names), None)
    execution = params.get("DurableExecutionArn")
    call.natural_keys = [f"{execution}#{update.get('Id')}" for update in updates]


def _settle_nothing(call: Call, answer: Params) -> None:
    """Keep what was described: the answer has no key of the callee."""


CARRIERS = {
    "Invoke": Carrier(_describe, _settle, _inject, _is_call, _header),
    "InvokeAsync": Carrier(_describe_async, _settle),
    "InvokeWithResponseStream": Carrier(_describe, _settle_stream, _inject, _is_call, _header),
    "CheckpointDurableExecution": Carrier(_describe_chained, _settle_nothing, is_call=_is_chained),
}
