"""The in-band context and the trace header: how a chain names itself on its way.

In band travels ``chain_id;caller_request_id;call_id``. A chain id has the form of an X-Ray Root,
``1-<8 hex>-<24 hex>``, so that it is one id in X-Ray, OpenTelemetry and our rows. What does not
have these forms was written by somebody else and is ignored, never repaired.
"""

from __future__ import annotations

import os
from itertools import count
from time import time

SLOT = "chainlight"
"""The name of our place in a client context and among message attributes."""

TRACE_VARIABLE = "_X_AMZN_TRACE_ID"
CHAIN_ID_CHARS = 35
CALL_ID_CHARS = 16
_REQUEST_ID_CHARS_MAX = 64
_HEX = "0123456789abcdef"
_call_numbers: count[int] | None = None


class Context:
    """What a caller says of itself: its chain, its invocation and the call that it made."""

    __slots__ = ("call_id", "caller_request_id", "chain_id")

    def __init__(self, chain_id: str, caller_request_id: str, call_id: str) -> None:
        self.chain_id = chain_id
        self.caller_request_id = caller_request_id
        self.call_id = call_id

    def text(self) -> str:
        """Return the form that travels."""
        return f"{self.chain_id};{self.caller_request_id};{self.call_id}"


def parse(text: object) -> Context | None:
    """Return the context that a caller wrote, or None for anything else."""
    if not isinstance(text, str):
        return None
    pieces = text.split(";", 3)
    if len(pieces) != 3:  # noqa: PLR2004 - the three of the format
        return None
    chain_id, caller_request_id, call_id = pieces
    if not is_chain_id(chain_id) or not is_call_id(call_id):
        return None
    if len(caller_request_id) > _REQUEST_ID_CHARS_MAX:
        return None
    return Context(chain_id, caller_request_id, call_id)


def is_chain_id(text: str) -> bool:
    """Tell whether the text has the form of an X-Ray Root."""
    return (
        len(text) == CHAIN_ID_CHARS
        and text.startswith("1-")
        and text[10] == "-"
        and not (text[2:10] + text[11:]).strip(_HEX)  # half the time of a set of digits
    )


def is_call_id(text: str) -> bool:
    """Tell whether the text has the form of a call id, which is that of a span id."""
    return len(text) == CALL_ID_CHARS and not text.strip(_HEX)


def mint_chain_id() -> str:
    """Return a new chain id, for an invocation that nothing told one."""
    return f"1-{int(time()):08x}-{os.urandom(12).hex()}"


def mint_call_id() -> str:
    """Return a new call id: 16 hex digits.

    A process counts up from a random number that it draws at its first call, which is after a
    snapshot was restored: half the time of a random number for each, and fewer of them meet.
    """
    global _call_numbers  # noqa: PLW0603 - one count a process
    if _call_numbers is None:
        # 63 bits: however long it counts, 16 digits are enough.
        _call_numbers = count(int.from_bytes(os.urandom(8), "big") >> 1)
    return "%016x" % next(_call_numbers)  # noqa: UP031 - half the time of an f-string


def _forget_call_numbers() -> None:
    global _call_numbers  # noqa: PLW0603
    _call_numbers = None


os.register_at_fork(after_in_child=_forget_call_numbers)


def header_fields(header: object) -> dict[str, str]:
    """Return the ``key=value`` fields of a trace header in their order, unknown ones included."""
    if not isinstance(header, str):
        return {}
    pairs = (field.split("=", 1) for field in header.split(";"))
    return {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}  # noqa: PLR2004


def root_of(header: object) -> str | None:
    """Return the Root of a trace header if it has the form of one."""
    if isinstance(header, str) and header.startswith("Root=") and header[40:41] in (";", ""):
        root = header[5:40]  # where Lambda always puts it
    else:
        root = header_fields(header).get("Root", "")
    return root if is_chain_id(root) else None


def current_header() -> str | None:
    """Return the trace header that Lambda gave to the running invocation, if it gave one."""
    try:
        return os.environ[TRACE_VARIABLE]  # `get` would try the same, in twice the time
    except KeyError:
        return None


def trace_header(context: Context) -> str:
    """Return the header that a message or a request may carry.

    With Sampled=1 its Parent belongs to X-Ray and the header goes as Lambda gave it; otherwise Root
    is the chain and Parent the call. Lineage is Lambda's recursion counter and is always kept.
    """
    header = current_header()
    fields = header_fields(header)
    if header is not None and fields.get("Sampled") == "1":
        return header
    ours = f"Root={context.chain_id};Parent={context.call_id};Sampled=0"
    lineage = fields.get("Lineage")
    return f"{ours};Lineage={lineage}" if lineage else ours
