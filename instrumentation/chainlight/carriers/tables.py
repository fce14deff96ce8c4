"""DynamoDB writes: recorded with table and key hash, which the stream's consumer can work out too.

A PutItem does not say which of its attributes are the key. They are known when an item has but one
attribute that can be a key, or when an earlier request of this process gave the table a Key; else
the call has no natural key, and table and time are all there is.
"""

from __future__ import annotations

from chainlight.carriers import Carrier, dicts_of, text_of
from chainlight.keys import item_key, scalar, table_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chainlight.invocation import Call

    Params = dict[str, object]

_TABLES_MAX = 256
_key_names: dict[str, frozenset[str]] = {}
"""Table to the names of its key attributes, as far as requests have told them."""


def _alone(params: Params) -> list[Params]:
    return [params]


def _of_batch(params: Params) -> list[Params]:
    """Return the writes of ``RequestItems``: PutRequest and DeleteRequest under their table."""
    tables = params.get("RequestItems")
    requests = tables.items() if isinstance(tables, dict) else ()
    return [{**write, "TableName": table} for table, some in requests for write in _insides(some)]


def _of_transaction(params: Params) -> list[Params]:
    """Return the writes of ``TransactItems``: Put, Update, Delete; a ConditionCheck is none."""
    items = dicts_of(params.get("TransactItems"))
    return _insides(item for item in items if "ConditionCheck" not in item)


def _insides(entries: Iterable[object]) -> list[Params]:
    """Return the dicts one level down: ``{"Put": {...}}`` and the like."""
    return [inside for entry in dicts_of(list(entries)) for inside in dicts_of([*entry.values()])]


def _describer(writes_of: Callable[[Params], list[Params]]) -> Callable[[Call, Params], None]:
    def describe(call: Call, params: Params) -> None:
        call.kind = "dynamodb"
        call.is_async = 1
        writes = writes_of(params)
        call.target = next((text_of(write.get("TableName")) for write in writes), None)
        call.natural_keys = [key for key in map(_key, writes) if key is not None]

    return describe


def _key(write: Params) -> str | None:
    table, key = write.get("TableName"), write.get("Key")
    if not isinstance(table, str):
        return None
    if isinstance(key, dict):
        _learn(table_name(table), key)
        return item_key(table, key)
    item = write.get("Item")
    return item_key(table, _key_in(table_name(table), item)) if isinstance(item, dict) else None


def _learn(table: str, key: Params) -> None:
    if len(_key_names) < _TABLES_MAX:
        _key_names[table] = frozenset(key)


def _key_in(table: str, item: Params) -> Params | None:
    """Return the key among an item's attributes, if that is certain."""
    names = _key_names.get(table)
    if names is None:
        names = frozenset(name for name in item if scalar(item[name]) is not None)
        if len(names) != 1:
            return None
    return {name: item[name] for name in names} if names <= item.keys() else None


def _settle(call: Call, answer: Params) -> None:
    """Keep what was described: the answer repeats no key."""


def _only_teaches(params: Params) -> bool:
    """Learn a table's key from a read, which starts nothing."""
    _key(params)
    return False


_ONE = Carrier(_describer(_alone), _settle)
CARRIERS = {
    "PutItem": _ONE,
    "UpdateItem": _ONE,
    "DeleteItem": _ONE,
    "BatchWriteItem": Carrier(_describer(_of_batch), _settle),
    "TransactWriteItems": Carrier(_describer(_of_transaction), _settle),
    "GetItem": Carrier(_describer(_alone), _settle, is_call=_only_teaches),
}
