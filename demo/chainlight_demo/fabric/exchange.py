"""The HTTP request this thread is serving: who is called, with which trace header, under which id.

moto's backends are called without the request's headers; the middleware keeps them here so that
patches can pass a trace header on or give an event the request id of the call that caused it.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from urllib.parse import parse_qs

from moto.core.request import Request
from moto.core.routing import get_service_router

WsgiEnviron: TypeAlias = dict[str, object]

_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_CBOR_PATH = re.compile(r"^/service/[^/]+/operation/(?P<operation>\w+)$")


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request; `service` is the name it was signed for, empty if it was not signed."""

    service: str
    trace_header: str | None
    request_id: str
    extended_request_id: str


_current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
_trace_override: ContextVar[str | None] = ContextVar("trace_override", default=None)


def current() -> Exchange | None:
    """Return the request being served by this thread, None outside one."""
    return _current.get()


def current_trace_header() -> str | None:
    """Return the X-Amzn-Trace-Id that events caused by this request carry on."""
    exchange = _current.get()
    return _trace_override.get() or (exchange.trace_header if exchange else None)


@contextmanager
def serving(exchange: Exchange) -> Iterator[None]:
    """Make `exchange` the current one."""
    token = _current.set(exchange)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def trace_header(value: str | None) -> Iterator[None]:
    """Let a header named in the request's body (PutEvents' TraceHeader) win over its own."""
    token = _trace_override.set(value)
    try:
        yield
    finally:
        _trace_override.reset(token)


def read_exchange(environ: WsgiEnviron) -> Exchange:
    """Tell a request's service, trace header and new ids without touching its body."""
    match = _CREDENTIAL.search(str(environ.get("HTTP_AUTHORIZATION", "")))
    service = match["service"] if match else ""
    header = environ.get("HTTP_X_AMZN_TRACE_ID")
    return Exchange(
        service=service,
        trace_header=str(header) if header else None,
        request_id=secrets.token_hex(8).upper(),
        extended_request_id=secrets.token_urlsafe(56),
    )


def read_body(environ: WsgiEnviron) -> bytes:
    """Return the request's body and put it back for the next reader."""
    stream: _Readable = environ["wsgi.input"]  # type: ignore[assignment]
    if environ.get("wsgi.input_terminated"):
        body = stream.read()
    else:
        body = stream.read(int(str(environ.get("CONTENT_LENGTH") or 0)))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def read_operation(environ: WsgiEnviron, service: str) -> str:
    """Tell the API name of a request, empty where it cannot be told. Keeps the body readable."""
    path = str(environ.get("PATH_INFO", ""))
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    if match := _CBOR_PATH.match(path):
        return match["operation"]
    if str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        return parse_qs(read_body(environ).decode()).get("Action", [""])[0]
    return _rest_operation(environ, service)


def _rest_operation(environ: WsgiEnviron, service: str) -> str:
    if not service:
        return ""
    try:
        operation, _ = get_service_router(service).match(Request(environ.copy()))
    except Exception:  # noqa: BLE001 unknown services and paths have no name here
        return ""
    return str(operation.name)
