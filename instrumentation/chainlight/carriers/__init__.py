"""Carriers: the operations that make another function run, one module for each AWS service.

A carrier uses a free slot of the request or nothing: it copies parameters, never changes a dict
or list of the caller, never exceeds a limit, and skips whole, never half. The natural keys it
reads from the answer link the call when the slot was taken.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlight.context import Context
    from chainlight.invocation import Call

    Params = dict[str, object]
    Header = tuple[str, str]

MODULES = {
    "lambda": "functions",
    "sqs": "queues",
    "sns": "topics",
    "events": "buses",
    "stepfunctions": "machines",
    "s3": "buckets",
    "kinesis": "streams",
    "dynamodb": "tables",
}
"""botocore's service name and our module for it, imported at the service's first call."""

_carriers: dict[tuple[str, str], Carrier | None] = {}


def always(params: Params) -> bool:  # noqa: ARG001 - one of the carrier's four questions
    """Count every request of the operation as a call."""
    return True


def unchanged(context: Context, params: Params) -> Params:  # noqa: ARG001
    """Send the parameters as they are: the natural key links this call."""
    return params


def no_header(context: Context, params: Params) -> Header | None:  # noqa: ARG001
    """Send the headers as they are: the slot, if any, is among the parameters."""
    return None


class Carrier:
    """What one operation needs: five small functions.

    describe: fill a call from the parameters; settle: fill it from the answer, and return the
    body whose reading is to be noticed, if there is one; inject: return parameters with the
    context in their free slot, or the same object; is_call: whether these start anything; header:
    name and value of the header that an empty slot becomes on the wire.
    """

    __slots__ = ("describe", "header", "inject", "is_call", "settle")

    def __init__(
        self,
        describe: Callable[[Call, Params], None],
        settle: Callable[[Call, Params], object],
        inject: Callable[[Context, Params], Params] = unchanged,
        is_call: Callable[[Params], bool] = always,
        header: Callable[[Context, Params], Header | None] = no_header,
    ) -> None:
        self.describe = describe
        self.settle = settle
        self.inject = inject
        self.is_call = is_call
        self.header = header


def find(service: str, operation: str) -> Carrier | None:
    """Return the carrier of an operation, or None for one that starts nothing elsewhere."""
    try:
        return _carriers[service, operation]
    except KeyError:
        carrier = _carriers[service, operation] = _load(service, operation)
        return carrier


def _load(service: str, operation: str) -> Carrier | None:
    name = MODULES.get(service)
    if name is None:
        return None
    table: dict[str, Carrier] = import_module(f"chainlight.carriers.{name}").CARRIERS
    return table.get(operation)


def text_of(value: object) -> str | None:
    """Return the value if it is a text, else None."""
    return value if isinstance(value, str) else None


def texts_of(entries: object, name: str) -> list[str]:
    """Return the texts under one name of a list of dicts; entries without it are left out."""
    found = [entry.get(name) for entry in dicts_of(entries)]
    return [text for text in found if isinstance(text, str)]


def dicts_of(entries: object) -> list[dict[str, object]]:
    """Return the dicts of a list; anything else is an empty list."""
    if not isinstance(entries, list | tuple):
        return []
    return [entry for entry in entries if isinstance(entry, dict)]


def bytes_of(value: object) -> int | None:
    """Return the bytes of a text or of bytes; None for files and streams, which are not read."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    return len(value) if isinstance(value, bytes | bytearray) else None
