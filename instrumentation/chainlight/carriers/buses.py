"""EventBridge PutEvents: recorded with its EventIds, which the targets see as ``id``."""

from __future__ import annotations

from chainlight.carriers import Carrier, bytes_of, dicts_of, text_of, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.calls import Call

    Params = dict[str, object]


def _describe(call: Call, params: Params) -> None:
    call.kind = "eventbridge"
    call.is_async = 1
    entries = params.get("Entries")
    call.target = next(iter(texts_of(entries, "EventBusName")), "default")
    call.payload_bytes = sum(bytes_of(detail) or 0 for detail in texts_of(entries, "Detail"))


def _settle(call: Call, answer: Params) -> None:
    entries = answer.get("Entries")
    call.natural_keys = texts_of(entries, "EventId")
    if answer.get("FailedEntryCount"):
        codes = (text_of(entry.get("ErrorCode")) for entry in dicts_of(entries))
        call.error_type = next(filter(None, codes), "PutEventsFailed")


CARRIERS = {"PutEvents": Carrier(_describe, _settle)}
