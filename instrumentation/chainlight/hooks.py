"""Hooks on botocore: which calls a handler makes, and how long each HTTP exchange blocked it.

Two methods are wrapped: `BaseClient._make_api_call` sees the operation, its parameters and its
result; `Endpoint._send`, inside it, is the HTTP exchange alone, run once for each try. Parameters
are copied where a carrier adds something; headers are never touched (SigV4, Lineage).
"""

from __future__ import annotations

import os
from _thread import _local
from time import perf_counter_ns, process_time_ns, thread_time_ns

from chainlight import carriers
from chainlight.batches import current_cause_index
from chainlight.bridges import tell
from chainlight.calls import Call
from chainlight.context import Context
from chainlight.errors import guard
from chainlight.invocation import Invocation, running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Params = dict[str, object]
    Method = Callable[..., object]

_MARK = "_chainlight_call"
_READERS = ("read", "readinto", "readlines")
_thread = _local()
_is_watching = False


class Exchange:
    """One API call under way in one thread: its clock, and the call it becomes in the record."""

    __slots__ = (
        "call",
        "carrier",
        "cpu_ns",
        "first_ns",
        "invocation",
        "last_ns",
        "opened_ns",
        "outer",
        "params",
        "service",
        "tries_count",
    )

    def __init__(self, invocation: Invocation, service: str, params: Params) -> None:
        self.opened_ns = perf_counter_ns()
        self.invocation = invocation
        self.service = service
        self.params = params
        self.carrier: carriers.Carrier | None = None
        self.call: Call | None = None
        self.tries_count = 0
        self.first_ns = self.last_ns = self.cpu_ns = 0
        self.outer: Exchange | None = None


def _hook_client(module: ModuleType) -> None:
    _wrap(module.BaseClient, "_make_api_call", _recorded)


def _hook_endpoint(module: ModuleType) -> None:
    _wrap(module.Endpoint, "_send", _timed)


def _hook_response(module: ModuleType) -> None:
    for name in _READERS:
        _wrap(module.StreamingBody, name, _noticed)


HOOKS: dict[str, Callable[[ModuleType], None]] = {
    "botocore.client": _hook_client,
    "botocore.endpoint": _hook_endpoint,
    "botocore.response": _hook_response,
}


def _wrap(owner: type, name: str, around: Callable[[Method], Method]) -> None:
    original = getattr(owner, name)
    if getattr(original, "_is_chainlight", False):
        return
    wrapper = around(original)
    for detail in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(wrapper, detail, getattr(original, detail, None))
    wrapper.__wrapped__ = original  # type: ignore[attr-defined]
    wrapper._is_chainlight = True  # type: ignore[attr-defined]  # noqa: SLF001
    setattr(owner, name, wrapper)


def _recorded(original: Method) -> Method:
    def make_api_call(client: object, operation_name: str, api_params: Params) -> object:
        exchange = guard("E03", _open, client, operation_name, api_params)
        if exchange is None:
            return original(client, operation_name, api_params)
        try:
            result = original(client, operation_name, exchange.params)
        except BaseException as error:
            guard("E04", _close, exchange, None, error)
            raise
        guard("E04", _close, exchange, result, None)
        return result

    return make_api_call


def _timed(original: Method) -> Method:
    def send(endpoint: object, request: object) -> object:
        exchange: Exchange | None = getattr(_thread, "exchange", None)
        if exchange is None:
            return original(endpoint, request)
        exchange.tries_count += 1
        if not exchange.first_ns:
            exchange.cpu_ns = process_time_ns() - thread_time_ns()
            exchange.first_ns = perf_counter_ns()
        try:
            return original(endpoint, request)
        finally:
            exchange.last_ns = perf_counter_ns()

    return send


def _noticed(original: Method) -> Method:
    def read(body: object, *arguments: object, **keywords: object) -> object:
        call: Call | None = getattr(body, _MARK, None)
        if call is not None:
            call.result_was_read = 1
        return original(body, *arguments, **keywords)

    return read


def _open(client: object, operation: str, params: Params) -> Exchange | None:
    """Start the exchange of a running invocation; calls outside of one are left alone."""
    invocation = running()
    if invocation is None:
        return None
    service = client._service_model.service_name  # type: ignore[attr-defined]  # noqa: SLF001
    exchange = Exchange(invocation, service, params)
    carrier = carriers.find(service, operation)
    if carrier is not None and carrier.is_call(params):
        guard("E03", _describe, exchange, carrier, operation)
    exchange.outer = getattr(_thread, "exchange", None)
    _thread.exchange = exchange
    invocation.overhead_ns += perf_counter_ns() - exchange.opened_ns
    return exchange


def _describe(exchange: Exchange, carrier: carriers.Carrier, operation: str) -> None:
    """Make the record's call and let the carrier put the context into a copy of the parameters."""
    invocation = exchange.invocation
    call = Call()
    call.operation = operation
    call.cause_index = current_cause_index()
    call.offset_us = (exchange.opened_ns - invocation.started_ns) // 1000
    exchange.carrier, exchange.call = carrier, call
    invocation.add_call(call)
    _start_watch()
    carrier.describe(call, exchange.params)
    exchange.params = carrier.inject(_context_of(invocation, call), exchange.params)
    tell(invocation.chain_id)


def _context_of(invocation: Invocation, call: Call) -> Context:
    """Return what the call says of itself: inside `record_of`, the chain of that record."""
    chain_id = invocation.chain_id
    if call.cause_index is not None:
        chain_id = invocation.causes[call.cause_index].chain_id or chain_id
    return Context(chain_id, invocation.request_id or "", call.call_id)


def _start_watch() -> None:
    """Start the watch at the first call of a process; a fork starts its own."""
    global _is_watching  # noqa: PLW0603 - one watch a process
    if _is_watching:
        return
    _is_watching = True
    from chainlight.deadline import watch  # noqa: PLC0415 - threading only when it is needed

    guard("E07", watch)


def _forget_watch() -> None:
    global _is_watching  # noqa: PLW0603
    _is_watching = False


os.register_at_fork(after_in_child=_forget_watch)


def _close(exchange: Exchange, result: object, error: BaseException | None) -> None:
    closed_ns = perf_counter_ns()
    _thread.exchange = exchange.outer
    start_ns, end_ns = _interval(exchange, closed_ns)
    wait_us = (end_ns - start_ns) // 1000
    call = exchange.call
    if call is None:
        if exchange.tries_count or error is None:
            exchange.invocation.add_wait(exchange.service, wait_us)
        return
    call.wait_us = wait_us
    call.offset_us = (start_ns - exchange.invocation.started_ns) // 1000
    call.tries_count = exchange.tries_count or 1
    if exchange.tries_count:
        call.cpu_us = max(0, process_time_ns() - thread_time_ns() - exchange.cpu_ns) // 1000
    _settle(exchange, call, result, error)
    exchange.invocation.overhead_ns += perf_counter_ns() - closed_ns


def _interval(exchange: Exchange, closed_ns: int) -> tuple[int, int]:
    """Return first byte sent and last answer; the whole call where nothing went over HTTP.

    Backoff between tries lies inside: the handler was blocked, and paid, all the same.
    """
    if exchange.tries_count:
        return exchange.first_ns, exchange.last_ns
    return exchange.opened_ns, closed_ns


def _settle(exchange: Exchange, call: Call, result: object, error: BaseException | None) -> None:
    if error is None:
        answer = result
    else:
        call.error_type = type(error).__name__
        answer = getattr(error, "response", None)
        if answer is None and not exchange.tries_count:
            # Refused before it was sent (bad parameters, no credentials): no request, no call.
            exchange.invocation.calls.remove(call)
            return
    if isinstance(answer, dict):
        _read_answer(exchange, call, answer)


def _read_answer(exchange: Exchange, call: Call, answer: Params) -> None:
    metadata = answer.get("ResponseMetadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    call.status_code = metadata.get("HTTPStatusCode", 200)
    length = metadata.get("HTTPHeaders", {}).get("content-length", "")
    if length.isdecimal():
        call.response_bytes = int(length)
    if exchange.carrier is not None:
        body = exchange.carrier.settle(call, answer)
        if body is not None:
            call.result_was_read = 0
            setattr(body, _MARK, call)
