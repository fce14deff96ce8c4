"""One record of a batch at a time: calls made for a record belong to that record's chain."""

from __future__ import annotations

from chainlight.errors import guard
from chainlight.invocation import cause_index, running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from types import ModuleType

    from chainlight.invocation import Invocation

    Method = Callable[..., object]


class record_of:  # noqa: N801 - reads as a verb where it is used: with record_of(item)
    """Mark the calls made inside the with block as made for one record of the event.

    The item is an element of ``event["Records"]`` (of the event itself, a list; of the lists in
    ``event["records"]``, Kafka), or an object with it as ``raw_event``, as Powertools has. An item
    that is not in the event marks nothing. Holds for the thread or task that enters the block.
    """

    def __init__(self, item: object) -> None:
        self.item = item
        self._token: Token[int | None] | None = None

    def __enter__(self) -> None:
        self._token = cause_index.set(guard("E10", _index_of, self.item))

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            cause_index.reset(self._token)


def current_cause_index() -> int | None:
    """Return the index of the record being handled, or None outside of `record_of`."""
    return cause_index.get()


def hook_powertools(module: ModuleType) -> None:
    """Make Powertools' batch processors handle each record inside of `record_of`.

    Their subclasses (the FIFO processor) end in the same two methods.
    """
    from chainlight.imports import wrap  # noqa: PLC0415 - with Powertools only

    wrap(module.BatchProcessor, "_process_record", _one_by_one)
    wrap(module.AsyncBatchProcessor, "_async_process_record", _one_by_one_async)


def _one_by_one(original: Method) -> Method:
    def process_record(processor: object, record: object) -> object:
        with record_of(record):
            return original(processor, record)

    return process_record


def _one_by_one_async(original: Method) -> Method:
    async def process_record(processor: object, record: object) -> object:
        with record_of(record):
            return await original(processor, record)  # type: ignore[misc]

    return process_record


def _index_of(item: object) -> int | None:
    invocation = running()
    if invocation is None:
        return None
    item = getattr(item, "raw_event", item)
    if invocation.places is None:
        _find_places(invocation)
    index, record = (invocation.places or {}).get(id(item), (0, None))
    return index if record is item and index < len(invocation.causes) else None


def _find_places(invocation: Invocation) -> None:
    """Note where each record stands, with the record itself, so that its id stays its own."""
    records = _records_in(invocation.event)
    invocation.places = {id(record): (index, record) for index, record in enumerate(records)}


def _records_in(event: object) -> list[object]:
    if isinstance(event, list):
        return event
    if not isinstance(event, dict):
        return []
    for name in ("Records", "records", "messages", "rmqMessagesByQueue"):
        held = event.get(name)
        if isinstance(held, list):
            return held
        if isinstance(held, dict):  # Kafka and RabbitMQ: lists by partition or queue
            return [record for records in held.values() for record in records]
    return []
