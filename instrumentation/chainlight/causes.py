"""Causes: why an invocation runs, one for each record of its event, and who sent them."""

from __future__ import annotations

from chainlight.context import header_fields, is_call_id, is_chain_id, parse

_TRACEPARENT_CHARS = 55
_NO_TRACE = "0" * 32


class Cause:
    """One record of the event; attributes named as in `record.CAUSE_FIELDS`."""

    chain_id: str | None = None
    caller_request_id: str | None = None
    call_id: str | None = None
    receive_count = 1
    sent_us: int | None = None

    def __init__(self, *natural_keys: object) -> None:
        self.natural_keys = [key for key in natural_keys if isinstance(key, str) and key]

    def add_key(self, key: object) -> None:
        """Add a natural key, if it is a text and not there yet."""
        if isinstance(key, str) and key and key not in self.natural_keys:
            self.natural_keys.append(key)

    def take_context(self, text: object) -> bool:
        """Take chain, caller and call from an in-band context; tell if that is what it was."""
        context = parse(text)
        if context is None:
            return False
        self.chain_id = context.chain_id
        self.caller_request_id = context.caller_request_id or None
        self.call_id = context.call_id
        return True

    def take_trace_header(self, header: object) -> None:
        """Take the chain from X-Ray's header, unless it is known already.

        Its Parent is a call of ours only where X-Ray does not sample; it is X-Ray's otherwise.
        """
        if self.chain_id is not None:
            return
        fields = header_fields(header)
        root = fields.get("Root", "")
        if not is_chain_id(root):
            return
        self.chain_id = root
        parent = fields.get("Parent", "")
        if fields.get("Sampled") == "0" and is_call_id(parent):
            self.call_id = parent

    def take_traceparent(self, text: object) -> None:
        """Take trace and parent of a W3C ``traceparent``, unless the chain is known already.

        The parent is a call id if the caller has the layer and just a span of somebody's if not.
        Source: W3C Trace Context, "traceparent Header Field Values".
        """
        if self.chain_id is not None or not isinstance(text, str):
            return
        version, _, rest = text[:_TRACEPARENT_CHARS].partition("-")
        trace, parent = rest[:32], rest[33:49]
        chain_id = f"1-{trace[:8]}-{trace[8:]}"
        is_whole = rest[32:33] == rest[49:50] == "-" and len(rest) == _TRACEPARENT_CHARS - 3
        if not is_whole or version == "ff" or trace == _NO_TRACE:
            return
        if is_chain_id(chain_id) and is_call_id(parent):
            self.chain_id, self.call_id = chain_id, parent


class Source:
    """What a recogniser found: the kind, the sender's ARN or name, a cause for each record."""

    __slots__ = ("arn", "causes", "kind")

    def __init__(self, kind: str, arn: object = None, causes: list[Cause] | None = None) -> None:
        self.kind = kind
        self.arn = arn if isinstance(arn, str) else None
        self.causes = causes or []
