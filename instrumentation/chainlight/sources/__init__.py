"""Sources: what gave this invocation its event, and under which keys each record arrived.

A context in band says so itself. Else a table of signs (names that an event has) asks small
recognisers to look closer. What has no sign is a direct invocation; what has one and is not
recognised is ``unknown``. Events are the users' own: a shape that lies is read as far as it is
true.
"""

from __future__ import annotations

from chainlight.context import SLOT, header_fields, is_call_id, is_chain_id, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlight.invocation import Invocation

    Event = dict[str, object]
    Recogniser = Callable[[Event], "Source | None"]

CAUSES_MAX = 10_000
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


_DIRECT = Source("lambda")


def read(invocation: Invocation) -> None:
    """Set the invocation's source and causes from its event and context."""
    event, client = invocation.event, getattr(invocation.context, "client_context", None)
    is_told = client is not None or (type(event) is dict and SLOT in event)
    source = (is_told and _told(event, client, invocation.context)) or recognise(event)
    invocation.source_kind = source.kind
    if source is _DIRECT:
        return
    invocation.source_arn = source.arn
    invocation.causes = source.causes[:CAUSES_MAX]
    surplus_count = len(source.causes) - CAUSES_MAX
    if surplus_count > 0:
        invocation.dropped["causes"] = surplus_count


def recognise(event: object) -> Source:
    """Return the source that an event's shape shows; ``lambda`` for an event of the user's own."""
    if isinstance(event, list):
        return _recogniser("lists", "items")({"items": event}) or _DIRECT
    if not isinstance(event, dict):
        return _DIRECT
    if not _SIGN_NAMES.isdisjoint(event):
        found = _SIGN_NAMES.intersection(event)
        for name in sorted(found, key=_RANKS.__getitem__):
            source = _recogniser(*_SIGNS[name])(event)
            if source is not None:
                return source
        if not _ENVELOPES.isdisjoint(found):
            return Source("unknown")
    return _task(event) or _DIRECT


def _task(event: Event) -> Source | None:
    """Find the context object of Step Functions where an input keeps it: under any one name."""
    if len(event) <= _TASK_NAMES_MAX:
        for value in event.values():
            if type(value) is dict and "Execution" in value and "StateMachine" in value:
                return _recogniser("events", "state_machine")(value)
    return None


_TASK_NAMES_MAX = 32
_SIGNS: dict[str, tuple[str, str]] = {
    "Records": ("records", "batch"),
    "type": ("requests", "authorizer"),
    "requestContext": ("requests", "request"),
    "raw_path": ("requests", "lattice"),
    "stage-variables": ("requests", "passthrough"),
    "httpMethod": ("requests", "proxied"),
    "detail-type": ("events", "event"),
    "Execution": ("events", "state_machine"),
    "DurableExecutionArn": ("events", "durable_execution"),
    "awslogs": ("events", "log_subscription"),
    "eventSource": ("streams", "named"),
    "deliveryStreamArn": ("streams", "delivery_stream"),
    "applicationArn": ("streams", "application"),
    "info": ("appsync", "resolver"),
    "fieldName": ("appsync", "resolver"),
}
"""A name in the event and who looks closer when it is there: module and function beside us."""

_SIGNS.update(
    dict.fromkeys(
        (
            *("invokingEvent", "CodePipeline.job", "ResponseURL", "transformId", "DeploymentId"),
            *("alarmData", "widgetContext", "SecretId", "serverId", "xAmzRequestId"),
            *("invocationSchemaVersion", "Details", "bot", "session", "directive", "actionGroup"),
            *("triggerSource", "identityPoolId", "clickType", "deviceEvent", "protocolData"),
            *("thingName", "eventType", "connection-id", "InboundHttpsEndpoint", "CampaignId"),
            *("HostId", "templateArn", "serviceMetadata"),
        ),
        ("services", "service"),
    )
)

_SIGN_NAMES = frozenset(_SIGNS)
_RANKS = {name: rank for rank, name in enumerate(_SIGNS)}
_ENVELOPES = frozenset(("Records", "requestContext", "detail-type", "awslogs", "eventSource"))
_recognisers: dict[tuple[str, str], Recogniser] = {}


def _recogniser(module: str, function: str) -> Recogniser:
    known = _recognisers.get((module, function))
    if known is None:
        from importlib import import_module  # noqa: PLC0415 - at the first event of a kind

        known = getattr(import_module(f"chainlight.sources.{module}"), function)
        _recognisers[module, function] = known
    return known


def _told(event: object, client: object, context: object) -> Source | None:
    """Read what a caller with the layer wrote: it invoked us, whatever its event looks like.

    One that waits writes into the client context; one that does not, into its own payload and
    only if the user allowed it. A caller with another tracer may have written W3C's context, which
    the runtime client hands out as ``context.w3c()``.
    """
    if client is not None:
        cause = Cause()
        if _take_client(cause, client, context):
            return Source("lambda", None, [cause])
    if type(event) is dict and SLOT in event:
        cause = Cause()
        if cause.take_context(event[SLOT]):
            return Source("lambda", None, [cause])
    return None


def _take_client(cause: Cause, client: object, context: object) -> bool:
    custom = getattr(client, "custom", None)
    if isinstance(custom, dict) and cause.take_context(custom.get(SLOT)):
        return True
    w3c = getattr(context, "w3c", None)
    fields = w3c() if callable(w3c) else None
    cause.take_traceparent(fields.get("traceparent") if isinstance(fields, dict) else None)
    return cause.chain_id is not None
