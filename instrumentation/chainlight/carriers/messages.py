"""What SQS, SNS, EventBridge and Kinesis share: one message a request, or a list of them.

A batch is one call with the natural keys of all its messages. The context goes into every message
that has room for it, and into none if the request would then be larger than the service takes.
"""

from __future__ import annotations

from chainlight.carriers import Carrier, always, bytes_of, dicts_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlight.context import Context
    from chainlight.invocation import Call

    Params = dict[str, object]


class Messages:
    """A service's messages. Subclasses say where its requests and answers have what."""

    kind = ""
    targets: tuple[str, ...] = ()
    """Names of the parameters that may hold the target, the first that is there counts."""
    body = ""
    """A message's name for what it carries."""
    entries = "Entries"
    """A batch's name for its messages."""
    done = "Successful"
    """A batch answer's name for the messages that were taken."""
    failed = "Failed"
    """A batch answer's name for those that were not."""
    code = "Code"
    """A refused message's name for the reason."""
    request_bytes_max: int | None = None
    """What all messages of a request may have together; None where our slot does not count."""

    def key(self, taken: Params) -> str | None:
        """Return the natural key of a message from what was answered for it."""
        return text_of(taken.get("MessageId"))

    def slot(self, context: Context) -> str | None:  # noqa: ARG002 - here there is none
        """Return what goes into each message's slot, or None for nothing."""
        return None

    def fill(self, message: Params, text: str) -> Params:  # noqa: ARG002
        """Return a copy of the message with the text in its slot, or the very message."""
        return message

    def message_bytes(self, message: Params) -> int:
        """Return the size of a message as the service counts it."""
        return bytes_of(message.get(self.body)) or 0

    def single(self, is_call: Callable[[Params], bool] = always) -> Carrier:
        """Return the carrier of the operation that sends one message."""
        return Carrier(self._describe_single, self._settle_single, self._inject_single, is_call)

    def batch(self) -> Carrier:
        """Return the carrier of the operation that sends several."""
        return Carrier(self._describe_batch, self._settle_batch, self._inject_batch)

    def _describe_single(self, call: Call, params: Params) -> None:
        self._describe(call, params)
        call.payload_bytes = bytes_of(params.get(self.body))

    def _describe_batch(self, call: Call, params: Params) -> None:
        self._describe(call, params)
        bodies = [entry.get(self.body) for entry in dicts_of(params.get(self.entries))]
        call.payload_bytes = sum(bytes_of(body) or 0 for body in bodies)

    def _describe(self, call: Call, params: Params) -> None:
        call.kind = self.kind
        call.is_async = 1
        call.target = self.target(params)

    def target(self, params: Params) -> str | None:
        """Return where the messages go, as the caller gave it."""
        named = (text_of(params.get(name)) for name in self.targets)
        return next(filter(None, named), None)

    def _settle_single(self, call: Call, answer: Params) -> None:
        self._take_keys(call, [answer])

    def _settle_batch(self, call: Call, answer: Params) -> None:
        self._take_keys(call, dicts_of(answer.get(self.done)))
        codes = [text_of(entry.get(self.code)) for entry in dicts_of(answer.get(self.failed))]
        refusals = codes if self.failed != self.done else list(filter(None, codes))
        if refusals:
            call.error_type = refusals[0] or "BatchEntryFailed"

    def _take_keys(self, call: Call, taken: list[Params]) -> None:
        call.natural_keys = [key for key in map(self.key, taken) if key is not None]

    def _inject_single(self, context: Context, params: Params) -> Params:
        text = self.slot(context)
        if text is None:
            return params
        filled = self.fill(params, text)
        return filled if self._fits([filled]) else params

    def _inject_batch(self, context: Context, params: Params) -> Params:
        text = self.slot(context)
        entries = params.get(self.entries)
        if text is None or not isinstance(entries, list | tuple):
            return params
        if len(dicts_of(entries)) < len(entries):
            return params
        filled = [self.fill(entry, text) for entry in entries]
        return {**params, self.entries: filled} if self._fits(filled) else params

    def _fits(self, messages: list[Params]) -> bool:
        limit = self.request_bytes_max
        return limit is None or sum(map(self.message_bytes, messages)) <= limit
