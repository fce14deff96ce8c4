"""Hooks on botocore: which calls a handler makes, and how long each HTTP exchange blocked it.

Three methods are wrapped: `BaseClient._make_api_call` sees the operation, its parameters and its
result; `Endpoint.make_request`, inside it, the request before it is signed; `Endpoint._send` is the
HTTP exchange alone, run once for each try. Parameters are copied where a carrier adds something. No
header is touched (Lineage), and none added but a parameter's own. What the asynchronous client
needs as well, `hooks_aiobotocore` takes from here.
"""

from __future__ import annotations

import os
import sys
from _contextvars import ContextVar  # contextvars.py adds nothing but a file to find
from _thread import _count as threads_count
from time import perf_counter_ns, process_time_ns, thread_time_ns

from chainlight import carriers
from chainlight.context import Context
from chainlight.errors import guard
from chainlight.imports import wrap
from chainlight.invocation import Call, Invocation, running
from chainlight.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Params = dict[str, object]
    Method = Callable[..., object]

MARK = "_self_chainlight_call"
"""Our attribute of a body; the prefix keeps it on wrapt's proxies, which aiobotocore's are."""

_READERS = ("read", "readinto", "readlines")
_under_way: ContextVar[Exchange | None] = ContextVar("chainlight_exchange", default=None)
"""Innermost API call of this thread or task: a thread begins without one, a task with its own."""
_is_watching = False


class Exchange:
    """One API call under way: its clock, and the call it becomes in the record."""

    carrier: carriers.Carrier | None = None
    call: Call | None = None
    header: tuple[str, str] | None = None
    tries_count = 0
    first_ns = 0
    last_ns = 0
    cpu_ns: int | None = None
    outer: Exchange | None = None

    def __init__(self, invocation: Invocation, service: str, params: Params) -> None:
        self.opened_ns = perf_counter_ns()
        self.invocation = invocation
        self.service = service
        self.params = params

    def sending(self) -> None:
        """Start the clock at the first byte of the first try."""
        self.tries_count += 1
        if not self.first_ns:
            self.cpu_ns = others_cpu_ns()
            self.first_ns = perf_counter_ns()


def others_cpu_ns() -> int | None:
    """Return the CPU time of all threads but this one, or None where there are no others.

    The two clocks are system calls, a sixth of what a call costs; asking whether there is any
    thread beside ours and the watch is none. Threads that Python does not know are
    missed then.
    """
    if threads_count() <= _is_watching:
        return None
    return process_time_ns() - thread_time_ns()


def hook_client(module: ModuleType) -> None:
    """Record the operations of botocore's clients."""
    wrap(module.BaseClient, "_make_api_call", _recorded)


def hook_endpoint(module: ModuleType) -> None:
    """Fill the slots that are headers, and time the HTTP exchanges."""
    wrap(module.Endpoint, "make_request", _filled)
    wrap(module.Endpoint, "_send", _timed)


def hook_response(module: ModuleType) -> None:
    """Notice whether the body of an answer is read."""
    for name in _READERS:
        wrap(module.StreamingBody, name, noticed)


def _recorded(original: Method) -> Method:
    def make_api_call(client: object, operation_name: str, api_params: Params) -> object:
        exchange = guard("E03", open_exchange, client, operation_name, api_params)
        if exchange is None:
            return original(client, operation_name, api_params)
        try:
            result = original(client, operation_name, exchange.params)
        except BaseException as error:
            guard("E04", close_exchange, exchange, None, error)
            raise
        guard("E04", close_exchange, exchange, result, None)
        return result

    return make_api_call


def _filled(original: Method) -> Method:
    def make_request(endpoint: object, operation_model: object, request_dict: Params) -> object:
        exchange = _under_way.get()
        if exchange is not None and exchange.header is not None:
            guard("E03", _fill, request_dict, *exchange.header)
        return original(endpoint, operation_model, request_dict)

    return make_request


def _fill(request_dict: Params, name: str, value: str) -> None:
    """Add the header before the request is signed, unless another tracer has."""
    headers = request_dict["headers"]
    headers.setdefault(name, value)  # type: ignore[attr-defined]


def _timed(original: Method) -> Method:
    def send(endpoint: object, request: object) -> object:
        exchange = _under_way.get()
        if exchange is None:
            return original(endpoint, request)
        guard("E03", exchange.sending)
        try:
            return original(endpoint, request)
        finally:
            exchange.last_ns = perf_counter_ns()

    return send


def noticed(original: Method) -> Method:
    """Return the method of a body that reads it, and says so to the call the body belongs to."""

    def read(body: object, *arguments: object, **keywords: object) -> object:
        call: Call | None = getattr(body, MARK, None)
        if call is not None:
            call.result_was_read = 1
        return original(body, *arguments, **keywords)

    return read


def under_way() -> Exchange | None:
    """Return the API call that the running thread or task is inside of."""
    return _under_way.get()


def open_exchange(client: object, operation: str, params: Params) -> Exchange | None:
    """Start the exchange of a running invocation; calls outside of one are left alone."""
    invocation = running()
    if invocation is None:
        return None
    service = client.meta.service_model.service_name  # type: ignore[attr-defined]
    if service in settings().ignored_services:
        return None
    exchange = Exchange(invocation, service, params)
    carrier = carriers.find(service, operation)
    if carrier is not None and carrier.is_call(params):
        guard("E03", _describe, exchange, carrier, operation)
    exchange.outer = _under_way.get()
    _under_way.set(exchange)
    invocation.overhead_ns += perf_counter_ns() - exchange.opened_ns
    return exchange


def _describe(exchange: Exchange, carrier: carriers.Carrier, operation: str) -> None:
    """Make the record's call and let the carrier put the context into a copy of the parameters."""
    invocation = exchange.invocation
    call = Call()
    if operation != "Invoke":  # the record's default
        call.operation = operation
    call.offset_us = (exchange.opened_ns - invocation.started_ns) // 1000
    exchange.carrier, exchange.call = carrier, call
    attribute(call)
    keep(invocation, call)
    carrier.describe(call, exchange.params)
    context = context_of(invocation, call)
    exchange.header = carrier.header(context, exchange.params)
    exchange.params = carrier.inject(context, exchange.params)


def attribute(call: Call) -> None:
    """Say which record of the batch the call is made for, if one is being handled."""
    batches = sys.modules.get("chainlight.batches")  # else nobody is inside of record_of
    if batches is not None:
        call.cause_index = batches.current_cause_index()


def keep(invocation: Invocation, call: Call) -> None:
    """Put the call into the record, and see to it that the deadline is watched."""
    invocation.add_call(call)
    _start_watch()


def context_of(invocation: Invocation, call: Call) -> Context:
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
    from chainlight.output import watch  # noqa: PLC0415 - the record's way out, not the hooks'

    guard("E07", watch)


def _forget_watch() -> None:
    global _is_watching  # noqa: PLW0603
    _is_watching = False


os.register_at_fork(after_in_child=_forget_watch)


def close_exchange(exchange: Exchange, result: object, error: BaseException | None) -> None:
    """End the exchange: what is known of the call is in the record from here on."""
    closed_ns = perf_counter_ns()
    _under_way.set(exchange.outer)
    # Backoff between tries lies inside: the handler was blocked, and paid, all the same.
    start_ns, end_ns = exchange.first_ns, exchange.last_ns
    if not exchange.tries_count:  # nothing went over HTTP
        start_ns, end_ns = exchange.opened_ns, closed_ns
    wait_us = (end_ns - start_ns) // 1000
    call = exchange.call
    if call is None:
        if exchange.tries_count or error is None:
            exchange.invocation.add_wait(exchange.service, wait_us)
        return
    call.wait_us = wait_us
    call.offset_us = (start_ns - exchange.invocation.started_ns) // 1000
    if exchange.tries_count > 1:
        call.tries_count = exchange.tries_count
    if exchange.cpu_ns is not None:
        call.cpu_us = max(0, (others_cpu_ns() or 0) - exchange.cpu_ns) // 1000
    _settle(exchange, call, result, error)
    exchange.invocation.overhead_ns += perf_counter_ns() - closed_ns


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
    if settings().emits_otel_spans:
        from chainlight.bridges import tell_call  # noqa: PLC0415 - by opt-in only

        tell_call(exchange.invocation, call)


def _read_answer(exchange: Exchange, call: Call, answer: Params) -> None:
    metadata = answer.get("ResponseMetadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    status_code = metadata.get("HTTPStatusCode", 200)
    if status_code != 200:  # noqa: PLR2004 - the record's default
        call.status_code = status_code
    length = metadata.get("HTTPHeaders", {}).get("content-length", "")
    if length.isdecimal():
        call.response_bytes = int(length)
    if exchange.carrier is not None:
        body = exchange.carrier.settle(call, answer)
        if body is not None:
            call.result_was_read = 0
            setattr(body, MARK, call)
