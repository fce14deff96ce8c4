"""The invocation that is running: what is known of it, and which one the code at hand belongs to.

Process-global, because handlers fan out with thread pools that do not carry context variables;
a context variable overrides it, for runtimes that run several requests in one process. With
several running and no context variable the answer is "none": a guess is not a fact.
"""

from __future__ import annotations

from _contextvars import ContextVar  # contextvars.py adds nothing but a file to find
from _thread import allocate_lock
from time import perf_counter_ns, time_ns

from chainlight.context import mint_call_id
from chainlight.errors import guard
from chainlight.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.sources import Cause

CALLS_MAX = 10_000
_ARN_COLONS = 6
_SELDOM = ("is_cold", "source_arn", "trace_root", "other_waits", "annotations", "dropped")
_ANNOTATIONS_MAX = 32
_ANNOTATION_CHARS_MAX = 256

_innermost: list[Invocation] = []
_own: ContextVar[Invocation | None] = ContextVar("chainlight_invocation", default=None)
_is_cold = True
_adding = allocate_lock()
cause_index: ContextVar[int | None] = ContextVar("chainlight_cause_index", default=None)
"""The record being handled, as `chainlight.record_of` says; None while it does not."""


class Call:
    """A call; attributes named as in `record.CALL_FIELDS`, and absent while they are unknown."""

    kind = "lambda"
    target: str | None = None
    operation = "Invoke"
    is_async = 0
    wait_us: int | None = None
    status_code = 200
    natural_keys: list[str] | tuple[str, ...] = ()
    payload_bytes: int | None = None
    response_bytes: int | None = None
    result_was_read: int | None = None
    error_type: str | None = None
    cause_index: int | None = None
    tries_count = 1
    offset_us = 0
    cpu_us = 0

    def __init__(self) -> None:
        self.call_id = mint_call_id()

    def values(self) -> dict[str, object]:
        """Return the call by long names, to be read only; one that still waits says so."""
        values = vars(self)
        return values if self.wait_us is not None else {**values, "is_open": 1}


class Invocation:
    """One execution of a handler while it runs: what its record will say, collected."""

    chain_id = ""
    trace_root: str | None = None
    source_kind = "unknown"
    source_arn: str | None = None
    is_finished = False
    is_warned = False
    outer: Invocation | None = None
    places: dict[int, tuple[int, object]] | None = None

    def __init__(self, event: object, context: object) -> None:
        self.started_us = time_ns() // 1000
        self.started_ns = perf_counter_ns()
        self.overhead_ns = 0
        self.event = event
        self.context = context
        self.request_id = _text(context, "aws_request_id")
        arn = _text(context, "invoked_function_arn")
        self.function_arn = _unqualified(arn) if arn and arn.count(":") > _ARN_COLONS else arn
        self.causes: list[Cause] = []
        self.calls: list[Call] = []
        self.other_waits: dict[str, list[int]] = {}
        self.annotations: dict[str, str | int | float | bool] = {}
        self.dropped: dict[str, int] = {}
        self.is_cold = _take_cold()

    def add_call(self, call: Call) -> None:
        """Keep a call, or count it as dropped when there are too many to print."""
        if len(self.calls) < CALLS_MAX:
            self.calls.append(call)
        else:
            self.dropped["calls"] = self.dropped.get("calls", 0) + 1

    def add_wait(self, service: str, wait_us: int) -> None:
        """Count a wait on a service whose calls are not listed one by one."""
        with _adding:
            total = self.other_waits.setdefault(service, [0, 0])
            total[0] += 1
            total[1] += wait_us

    def record(self, outcome: str, error_type: str | None, ended_ns: int) -> dict[str, object]:
        """Return the record by its long names, as far as the invocation got by `ended_ns`.

        What all records of this process have in common is `Settings.sandbox_members`.
        """
        known = settings()
        values: dict[str, object] = {
            "chain_id": self.chain_id,
            "request_id": self.request_id,
            "function_arn": self.function_arn or known.function_name,
            "started_us": self.started_us,
            "duration_us": (ended_ns - self.started_ns) // 1000,
            "source_kind": self.source_kind,
            "overhead_us": self.overhead_ns // 1000,
        }
        if known.level is not None:
            values["level"] = known.level
        if outcome != "ok":
            values["outcome"], values["error_type"] = outcome, error_type
        if self.calls:
            values["calls"] = [call.values() for call in self.calls.copy()]
        return values | self.more()

    def more(self) -> dict[str, object]:
        """Return by long names what most records do not have: causes, and all of `_SELDOM`."""
        more: dict[str, object] = {}
        if self.causes:
            more["causes"] = [vars(cause) for cause in self.causes]
        is_told = self.source_arn or self.trace_root or self.annotations
        if is_told or self.is_cold or self.other_waits or self.dropped:
            own = vars(self)
            more.update({name: own[name] for name in _SELDOM if own.get(name)})
        return more


class Current:
    """What user code may know of the running invocation; all None outside of one."""

    __slots__ = ("chain_id", "receive_count", "request_id", "source_kind")

    def __init__(self) -> None:
        self.chain_id: str | None = None
        self.request_id: str | None = None
        self.source_kind: str | None = None
        self.receive_count: int | None = None


def current() -> Current:
    """Return the running invocation's chain_id, request_id, source_kind and receive_count.

    Inside of `record_of`, chain and count are those of the record.
    """
    known = Current()
    guard("E10", _tell, known)
    return known


def _tell(known: Current) -> None:
    invocation = running()
    if invocation is None:
        return
    cause = _cause_at_hand(invocation)
    known.request_id = invocation.request_id
    known.source_kind = invocation.source_kind
    known.chain_id = (cause and cause.chain_id) or invocation.chain_id
    known.receive_count = cause.receive_count if cause else receive_count_of(invocation)


def current_chain_id() -> str | None:
    """Return the chain that the calling code works for: of the record being handled, if it is one.

    None outside of an invocation.
    """
    invocation = running()
    if invocation is None:
        return None
    cause = _cause_at_hand(invocation)
    return (cause and cause.chain_id) or invocation.chain_id


def _cause_at_hand(invocation: Invocation) -> Cause | None:
    index = cause_index.get()
    return invocation.causes[index] if index is not None else None


def annotate(key: str, value: str | float | bool) -> None:  # noqa: FBT001 - a value like others
    """Put a key of the user's own on this invocation's record; does nothing outside a handler.

    At most 32 keys; text is cut at 256 characters; other types are kept as their text. The value
    ends in the function's log: annotate ids, never secrets.
    """
    guard("E10", _annotate, key, value)


def _annotate(key: object, value: object) -> None:
    invocation = running()
    if invocation is None:
        return
    annotations = invocation.annotations
    if key in annotations or len(annotations) < _ANNOTATIONS_MAX:
        annotations[str(key)[:_ANNOTATION_CHARS_MAX]] = _plain(value)
    else:
        invocation.dropped["annotations"] = invocation.dropped.get("annotations", 0) + 1


def running() -> Invocation | None:
    """Return the invocation that the calling code belongs to, or None if that is not certain."""
    own = _own.get()
    if own is not None and not own.is_finished:
        return own
    return _innermost[0] if len(_innermost) == 1 else None


def enter(invocation: Invocation) -> None:
    """Make the invocation the running one; inside another it stands before it."""
    outer = _own.get()
    if outer is not None and outer in _innermost:
        invocation.outer = outer
        _innermost[_innermost.index(outer)] = invocation
    else:
        _innermost.append(invocation)
    _own.set(invocation)


def leave(invocation: Invocation) -> None:
    """End the invocation; the one around it, if any, is the running one again."""
    invocation.is_finished = True
    outer = invocation.outer
    if invocation in _innermost:
        if outer is None or outer.is_finished:
            _innermost.remove(invocation)
        else:
            _innermost[_innermost.index(invocation)] = outer
    _own.set(outer)


def all_running() -> list[Invocation]:
    """Return every invocation that runs in this process now."""
    found = []
    for innermost in _innermost.copy():
        invocation: Invocation | None = innermost
        while invocation is not None:
            found.append(invocation)
            invocation = invocation.outer
    return found


def receive_count_of(invocation: Invocation) -> int:
    """Return how often the most received record of the event has been received."""
    return max((cause.receive_count for cause in invocation.causes), default=1)


def _plain(value: object) -> str | int | float | bool:
    """Return the value if JSON has it: not a number and infinity become their text."""
    is_number = isinstance(value, int | float) and value - value == 0
    return value if is_number else str(value)[:_ANNOTATION_CHARS_MAX]  # type: ignore[return-value]


def _take_cold() -> int:
    global _is_cold
    was_cold, _is_cold = _is_cold, False
    return int(was_cold)


def _text(context: object, name: str) -> str | None:
    value = getattr(context, name, None)
    return value if isinstance(value, str) else None


def _unqualified(arn: str) -> str:
    """Cut version or alias off: ``arn:aws:lambda:region:account:function:name`` has 7 fields."""
    return ":".join(arn.split(":", _ARN_COLONS + 1)[: _ARN_COLONS + 1])
