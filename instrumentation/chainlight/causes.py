"""Causes: why an invocation runs, one for each record of its event, and who sent them."""

from __future__ import annotations

from chainlight.context import parse


class Cause:
    """One record of the event; attributes named as in `record.CAUSE_FIELDS`."""

    chain_id: str | None = None
    caller_request_id: str | None = None
    call_id: str | None = None
    receive_count = 1
    sent_us: int | None = None

    def __init__(self, *natural_keys: object) -> None:
        self.natural_keys = [key for key in natural_keys if isinstance(key, str)]

    def take_context(self, text: object) -> None:
        """Take chain, caller and call from an in-band context, if that is what the text is."""
        context = parse(text)
        if context is not None:
            self.chain_id = context.chain_id
            self.caller_request_id = context.caller_request_id or None
            self.call_id = context.call_id


class Source:
    """What a recogniser found: the kind, the sender's ARN or name, a cause for each record."""

    __slots__ = ("arn", "causes", "kind")

    def __init__(self, kind: str, arn: object = None, causes: list[Cause] | None = None) -> None:
        self.kind = kind
        self.arn = arn if isinstance(arn, str) else None
        self.causes = causes or []
