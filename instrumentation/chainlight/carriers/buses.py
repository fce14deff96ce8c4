"""EventBridge PutEvents: the context rides in each entry's TraceHeader. Natural key: EventId.

The header is X-Ray's own slot, at most 500 characters. It is set where the user did not set it and
the request stays below 1 MB, read as 1,000,000 bytes, our header counted as well. EventBridge
counts the characters of source, type, detail and resources, and 14 bytes for a time.
"""

from __future__ import annotations

from chainlight.carriers import bytes_of, texts_of
from chainlight.carriers.messages import Messages
from chainlight.context import trace_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.context import Context

    Params = dict[str, object]

REQUEST_BYTES_MAX = 999_999
HEADER_CHARS_MAX = 500
_COUNTED = ("Source", "DetailType", "Detail", "TraceHeader")
_TIME_BYTES = 14


class _Bus(Messages):
    kind = "eventbridge"
    body = "Detail"
    done = failed = "Entries"
    code = "ErrorCode"
    request_bytes_max = REQUEST_BYTES_MAX

    def key(self, taken: Params) -> str | None:
        event_id = taken.get("EventId")
        return event_id if isinstance(event_id, str) else None

    def target(self, params: Params) -> str | None:
        return next(iter(texts_of(params.get("Entries"), "EventBusName")), "default")

    def slot(self, context: Context) -> str | None:
        header = trace_header(context)
        return header if len(header) <= HEADER_CHARS_MAX else None

    def fill(self, message: Params, text: str) -> Params:
        return message if "TraceHeader" in message else {**message, "TraceHeader": text}

    def message_bytes(self, message: Params) -> int:
        resources = message.get("Resources")
        total = sum(bytes_of(message.get(name)) or 0 for name in _COUNTED)
        if isinstance(resources, list | tuple):
            total += sum(bytes_of(arn) or 0 for arn in resources)
        return total + (_TIME_BYTES if "Time" in message else 0)


CARRIERS = {"PutEvents": _Bus().batch()}
