"""Lambda Invoke: the context rides in ClientContext, which reaches the callee of a waiting caller.

An Event invocation drops ClientContext, so it carries nothing: the answer's request id is the
callee's, for both kinds. Limit: 3,583 bytes of base64.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from json import dumps, loads

from chainlight.carriers import Carrier, bytes_of, text_of
from chainlight.context import SLOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.calls import Call
    from chainlight.context import Context

    Params = dict[str, object]

CLIENT_CONTEXT_BYTES_MAX = 3583


def _is_call(params: Params) -> bool:
    return params.get("InvocationType") != "DryRun"


def _describe(call: Call, params: Params) -> None:
    call.target = text_of(params.get("FunctionName"))
    if params.get("InvocationType") == "Event":
        call.is_async = 1
    call.payload_bytes = bytes_of(params.get("Payload"))


def _settle(call: Call, answer: Params) -> object:
    metadata = answer.get("ResponseMetadata")
    request_id = metadata.get("RequestId") if isinstance(metadata, dict) else None
    if isinstance(request_id, str):
        call.natural_keys = [request_id]
    error_type = text_of(answer.get("FunctionError"))
    if error_type is not None:
        call.error_type = error_type
    return None if call.is_async else answer.get("Payload")


def _inject(context: Context, params: Params) -> Params:
    if params.get("InvocationType") == "Event":
        return params
    encoded = _merged(params.get("ClientContext"), context.text())
    if encoded is None or len(encoded) > CLIENT_CONTEXT_BYTES_MAX:
        return params
    return {**params, "ClientContext": encoded}


def _merged(existing: object, text: str) -> str | None:
    """Return the user's client context with our entry, or None where it has no room for one."""
    if existing is None:
        plain = f'{{"custom":{{"{SLOT}":"{text}"}}}}'
        return b2a_base64(plain.encode(), newline=False).decode()
    if not isinstance(existing, str):
        return None
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


CARRIERS = {"Invoke": Carrier(_describe, _settle, _inject, _is_call)}
