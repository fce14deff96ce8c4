"""One record of a batch at a time: calls made for a record belong to that record's chain."""

from __future__ import annotations

from contextvars import ContextVar

from chainlight.invocation import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextvars import Token

_cause_index: ContextVar[int | None] = ContextVar("chainlight_cause_index", default=None)


class record_of:  # noqa: N801 - reads as a verb where it is used: with record_of(item)
    """Mark the calls made inside the with block as made for one record of the event.

    The item is an element of ``event["Records"]`` (or of the event itself, a list), or an object
    with it as ``raw_event``, as Powertools has. An item that is not in the event marks nothing.
    """

    def __init__(self, item: object) -> None:
        self.item = getattr(item, "raw_event", item)
        self._token: Token[int | None] | None = None

    def __enter__(self) -> None:
        self._token = _cause_index.set(_index_of(self.item))

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _cause_index.reset(self._token)


def current_cause_index() -> int | None:
    """Return the index of the record being handled, or None outside of `record_of`."""
    return _cause_index.get()


def _index_of(item: object) -> int | None:
    invocation = running()
    if invocation is None:
        return None
    event = invocation.event
    records = event.get("Records") if isinstance(event, dict) else event
    if not isinstance(records, list):
        return None
    for index, record in enumerate(records[: len(invocation.causes)]):
        if record is item:
            return index
    return None
