"""The life of an invocation: read the context, run the handler, print one line.

The handler gets the very event that came, its result and its exception leave as the very objects
they were, and the traceback does not show us. Whatever fails in here costs the line, not the
handler.
"""

from __future__ import annotations

import sys
from time import perf_counter_ns

from chainlight import output, sources
from chainlight.context import current_header, mint_chain_id, root_of
from chainlight.errors import guard
from chainlight.imports import install
from chainlight.invocation import Invocation, enter, leave, receive_count_of, running
from chainlight.record import encode_usual
from chainlight.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any, TypeVar

    Handler = TypeVar("Handler", bound=Callable[..., Any])

_METADATA = ("__module__", "__name__", "__qualname__", "__doc__")
_HASH_SPACE = 2**32


def trace(handler: Handler) -> Handler:
    """Return a handler that prints one line for each invocation and otherwise is the given one.

    Wrapping twice, or around the exec wrapper, still prints one line. With CHAINLIGHT_OFF=1 the
    handler itself is returned. A generator or coroutine is handed through; what it does later
    is not part of the invocation.
    """
    known = guard("E01", settings)
    if known is None or known.is_off:
        return handler
    guard("E06", install)

    def traced(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - the user's own types
        invocation = guard("E01", _begin, arguments, keywords)
        try:
            result = handler(*arguments, **keywords)
        except BaseException as error:
            if invocation is not None:
                guard("E05", _finish, invocation, error)
            guard("E05", _step_out_of, error)
            raise
        if invocation is not None:
            guard("E05", _finish, invocation, None)
        return result

    guard("E01", _dress, traced, handler)
    return traced  # type: ignore[return-value]


def _dress(traced: Callable[..., object], handler: Callable[..., object]) -> None:
    """Give the traced handler the name, documentation and attributes of the user's."""
    for name in _METADATA:
        if hasattr(handler, name):
            setattr(traced, name, getattr(handler, name))
    traced.__dict__.update(getattr(handler, "__dict__", {}), __wrapped__=handler)


def _begin(arguments: tuple[object, ...], keywords: dict[str, object]) -> Invocation | None:
    """Open the invocation, or return None when it is already being recorded."""
    event, context = _given(arguments, keywords)
    outer = running()
    if outer is not None and outer.request_id == getattr(context, "aws_request_id", None):
        return None
    invocation = Invocation(event, context)
    guard("E02", sources.read, invocation)
    _name_chain(invocation)
    enter(invocation)
    bridges = _bridges()
    if bridges is not None:
        bridges.tell(invocation.chain_id)
    invocation.overhead_ns = perf_counter_ns() - invocation.started_ns
    return invocation


def _bridges() -> ModuleType | None:
    """Return the bridges to other tracers where there is one; else they are not even imported."""
    if "aws_xray_sdk.core" not in sys.modules and "opentelemetry.sdk.trace" not in sys.modules:
        return None
    from chainlight import bridges  # noqa: PLC0415 - see above

    return bridges


def _active_chain_id() -> str | None:
    bridges = _bridges()
    return bridges.active_chain_id() if bridges is not None else None


def _given(arguments: tuple[object, ...], keywords: dict[str, object]) -> tuple[object, object]:
    """Return event and context: the last two positions (a method has one more) or by keyword."""
    if len(arguments) >= 2:  # noqa: PLR2004
        return arguments[-2], arguments[-1]
    event = arguments[0] if arguments else keywords.get("event")
    return event, keywords.get("context")


def _name_chain(invocation: Invocation) -> None:
    """Take the chain id of the first cause, the header or OpenTelemetry, else a new one."""
    root = root_of(current_header())
    told = invocation.causes[0].chain_id if invocation.causes else None
    invocation.chain_id = told or root or _active_chain_id() or mint_chain_id()
    if root != invocation.chain_id:
        invocation.trace_root = root
    for cause in invocation.causes:
        if cause.chain_id == invocation.chain_id:
            del cause.chain_id


def _finish(invocation: Invocation, error: BaseException | None) -> None:
    ended_ns = perf_counter_ns()
    leave(invocation)
    sample_rate = _sample_rate(invocation, error)
    if sample_rate is None:
        return
    is_usual = error is None and sample_rate == 1
    invocation.overhead_ns += perf_counter_ns() - ended_ns
    line = encode_usual(invocation, settings(), ended_ns) if is_usual else None
    if line is not None:
        output.write(line)
        return
    outcome = _outcome(error)
    record = invocation.record(outcome, type(error).__name__ if error else None, ended_ns)
    record["sample_rate"] = sample_rate
    output.emit(record)


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "ok"
    return "exit" if isinstance(error, SystemExit) else "error"


def _sample_rate(invocation: Invocation, error: BaseException | None) -> float | None:
    """Return the share of its like that this record stands for, or None if it is not printed.

    Errors and retries are always printed and stand for themselves alone. The last 8 digits of a
    chain id decide for the others, so that a chain is printed in every function or in none.
    """
    share = settings().sample_rate
    if share >= 1 or error is not None or receive_count_of(invocation) > 1:
        return 1
    is_kept = int(invocation.chain_id[-8:], 16) < share * _HASH_SPACE
    return share if is_kept else None


def _step_out_of(error: BaseException) -> None:
    """Take our own frame off the traceback: logs read as they would without us."""
    trail = error.__traceback__
    if trail is not None and trail.tb_next is not None:
        error.__traceback__ = trail.tb_next
