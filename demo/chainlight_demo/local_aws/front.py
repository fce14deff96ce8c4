"""Invoke over HTTP, in front of moto: any other request goes to the application below."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Protocol, TypeAlias
from urllib.parse import parse_qs, unquote

from chainlight_demo.local_aws.outcome import InvokeResult
from chainlight_demo.local_aws.plane import DataPlane
from chainlight_demo.local_aws.registry import read_function

WsgiEnviron: TypeAlias = dict[str, object]
Headers: TypeAlias = list[tuple[str, str]]
StartResponse: TypeAlias = Callable[[str, Headers], object]
WsgiApp: TypeAlias = Callable[[WsgiEnviron, StartResponse], Iterable[bytes]]

_INVOKE_PATH = re.compile(r"^/2015-03-31/functions/(?P<name>.+)/invocations/?$")


class _Readable(Protocol):
    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""


class Front:
    """A WSGI application: the data plane's Invoke over another application."""

    def __init__(self, below: WsgiApp, plane: DataPlane) -> None:
        self._below = below
        self._plane = plane

    def __call__(self, environ: WsgiEnviron, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        match = _INVOKE_PATH.match(str(environ.get("PATH_INFO", "")))
        if match is None or environ.get("REQUEST_METHOD") != "POST":
            return self._below(environ, start_response)
        return self._invoke(unquote(match["name"]), environ, start_response)

    def _invoke(
        self, name: str, environ: WsgiEnviron, start_response: StartResponse
    ) -> Iterable[bytes]:
        payload = _read_body(environ)
        kind = _header(environ, "X-Amz-Invocation-Type") or "RequestResponse"
        qualifier = parse_qs(str(environ.get("QUERY_STRING", ""))).get("Qualifier", [None])[0]
        if kind == "DryRun" and read_function(name, qualifier) is not None:
            start_response(_status_line(HTTPStatus.NO_CONTENT), [_request_id(str(uuid.uuid4()))])
            return []
        result = self._plane.invoke(
            name,
            payload,
            mode="async" if kind == "Event" else "sync",
            client_context=_header(environ, "X-Amz-Client-Context"),
            trace_header=_header(environ, "X-Amzn-Trace-Id"),
            qualifier=qualifier,
            log_tail=_header(environ, "X-Amz-Log-Type") == "Tail",
        )
        start_response(_status_line(HTTPStatus(result.status_code)), _headers(result))
        return [result.payload]


def _headers(result: InvokeResult) -> Headers:
    optional = {
        "X-Amz-Executed-Version": result.executed_version,
        "X-Amz-Function-Error": result.function_error,
        "X-Amz-Log-Result": _encode(result.log_tail),
        "X-Amzn-ErrorType": result.error_code,
        "X-Amzn-Trace-Id": result.trace_header,
    }
    return [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(result.payload))),
        _request_id(result.request_id),
        *((name, value) for name, value in optional.items() if value is not None),
    ]


def _request_id(request_id: str) -> tuple[str, str]:
    return "x-amzn-RequestId", request_id


def _encode(text: str | None) -> str | None:
    return None if text is None else base64.b64encode(text.encode()).decode()


def _status_line(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"


def _header(environ: WsgiEnviron, name: str) -> str | None:
    value = environ.get(f"HTTP_{name.upper().replace('-', '_')}")
    return str(value) if value else None


def _read_body(environ: WsgiEnviron) -> bytes:
    stream: _Readable = environ["wsgi.input"]  # type: ignore[assignment]
    if environ.get("wsgi.input_terminated"):
        return stream.read()
    length = int(str(environ.get("CONTENT_LENGTH") or 0))
    return stream.read(length) if length else b""
