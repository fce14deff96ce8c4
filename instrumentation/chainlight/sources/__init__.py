"""Sources: what gave this invocation its event, and under which keys each record arrived.

A table of small recognisers looks at the shape of the event; what none knows is a direct
invocation. Events are the users' own: a shape that lies is read as far as it is true.
"""

from __future__ import annotations

from chainlight.causes import Cause, Source
from chainlight.context import SLOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlight.invocation import Invocation

    Event = dict[str, object]
    Recogniser = Callable[[Event], "Source | None"]

CAUSES_MAX = 10_000


def read(invocation: Invocation) -> None:
    """Set the invocation's source and causes from its event and context."""
    source = recognise(invocation.event)
    if source is None:
        source = _direct(invocation.context)
    invocation.source_kind = source.kind
    invocation.source_arn = source.arn
    invocation.causes = source.causes[:CAUSES_MAX]
    surplus_count = len(source.causes) - CAUSES_MAX
    if surplus_count > 0:
        invocation.dropped["causes"] = surplus_count


def recognise(event: object) -> Source | None:
    """Return the source that an event's shape shows, or None for an event of the user's own."""
    if isinstance(event, list):
        event = {"Records": event}
    if not isinstance(event, dict) or _SIGN_NAMES.isdisjoint(event):
        return None
    for name, (module, function) in _SIGNS:
        if name in event:
            source = _recogniser(module, function)(event)
            if source is not None:
                return source
    return None


_SIGNS = (
    ("Records", ("records", "batch")),
    ("requestContext", ("requests", "request")),
    ("detail-type", ("events", "event")),
    ("Execution", ("events", "state_machine")),
    ("awslogs", ("events", "log_subscription")),
    ("eventSource", ("events", "named")),
    ("deliveryStreamArn", ("events", "delivery_stream")),
    ("triggerSource", ("events", "user_pool")),
    ("type", ("requests", "authorizer")),
)
"""A key of the event and who looks closer when it is there: module and function beside us."""

_SIGN_NAMES = frozenset(name for name, _ in _SIGNS)
_recognisers: dict[str, Recogniser] = {}


def _recogniser(module: str, function: str) -> Recogniser:
    known = _recognisers.get(function)
    if known is None:
        from importlib import import_module  # noqa: PLC0415 - at the first event of a kind

        known = getattr(import_module(f"chainlight.sources.{module}"), function)
        _recognisers[function] = known
    return known


def _direct(context: object) -> Source:
    """Read a direct invocation: a waiting caller with the layer wrote into the client context."""
    custom = getattr(getattr(context, "client_context", None), "custom", None)
    if not isinstance(custom, dict) or SLOT not in custom:
        return Source("lambda")
    cause = Cause()
    cause.take_context(custom[SLOT])
    return Source("lambda", None, [cause] if cause.call_id else [])
