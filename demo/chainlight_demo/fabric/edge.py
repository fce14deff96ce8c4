"""The WSGI layer in front of moto: what we answer ourselves, and what every request passes.

In order: X-Ray is answered here; a throttled call is refused as its service refuses; a write to S3
takes the lock of its object; everything runs with its `Exchange` at hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeAlias

from chainlight_demo.fabric import s3
from chainlight_demo.fabric.exchange import (
    Exchange,
    WsgiEnviron,
    read_body,
    read_exchange,
    serving,
)
from chainlight_demo.fabric.ports import LocalAws
from chainlight_demo.fabric.xray_api import XrayApi

StartResponse: TypeAlias = Callable[..., Any]
WsgiApp: TypeAlias = Callable[[WsgiEnviron, StartResponse], Iterable[bytes]]

_QUERY_SERVICES = frozenset({"sns", "iam", "sts", "cloudformation", "monitoring"})
_ERROR_CODE_BY_SERVICE = {
    "lambda": (HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequestsException"),
    "xray": (HTTPStatus.TOO_MANY_REQUESTS, "ThrottledException"),
    "sqs": (HTTPStatus.FORBIDDEN, "RequestThrottled"),
    "s3": (HTTPStatus.SERVICE_UNAVAILABLE, "SlowDown"),
    "sns": (HTTPStatus.BAD_REQUEST, "Throttled"),
}


class Edge:
    """The middleware of one local AWS."""

    def __init__(self, app: WsgiApp, local_aws: LocalAws) -> None:
        self._app = app
        self._local_aws = local_aws
        self._write_locks = s3.WriteLocks()

    def __call__(self, environ: WsgiEnviron, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        exchange = read_exchange(environ)
        with serving(exchange):
            if self._local_aws.faults.refuses(exchange.service, exchange.operation):
                read_body(environ)
                return _refusal(exchange, start_response)
            return self._serve(exchange, environ, start_response)

    def _serve(
        self, exchange: Exchange, environ: WsgiEnviron, start_response: StartResponse
    ) -> Iterable[bytes]:
        xray = XrayApi(self._local_aws.xray)
        path = str(environ.get("PATH_INFO", ""))
        if exchange.service == "xray" or (not exchange.service and xray.handles(path)):
            status, document = xray.answer(path, read_body(environ))
            return _json_answer(exchange, status, document, start_response)
        if exchange.service != "s3":
            return self._app(environ, start_response)
        with self._write_locks.lock_for(environ):
            return self._app(environ, _with_headers(start_response, s3.response_headers()))


def _with_headers(start_response: StartResponse, added: list[tuple[str, str]]) -> StartResponse:
    names = {name for name, _ in added}

    def start(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
        kept = [(name, value) for name, value in headers if name.lower() not in names]
        return start_response(status, [*kept, *added], *rest)

    return start


def _refusal(exchange: Exchange, start_response: StartResponse) -> Iterable[bytes]:
    status, code = _ERROR_CODE_BY_SERVICE.get(
        exchange.service, (HTTPStatus.BAD_REQUEST, "ThrottlingException")
    )
    if exchange.service not in _QUERY_SERVICES | {"s3"}:
        document = {"__type": code, "message": "Rate exceeded"}
        return _json_answer(exchange, status, document, start_response)
    code = code if code != "ThrottlingException" else "Throttling"
    error = f"<Code>{code}</Code><Message>Rate exceeded</Message>"
    request_id = f"<RequestId>{exchange.request_id}</RequestId>"
    if exchange.service == "s3":
        text = f"<Error>{error}{request_id}</Error>"
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>{request_id}</ErrorResponse>"
        )
    body = text.encode()
    start_response(_status_line(status), [("Content-Type", "text/xml"), _length(body)])
    return [body]


def _json_answer(
    exchange: Exchange, status: HTTPStatus, document: dict[str, Any], start_response: StartResponse
) -> Iterable[bytes]:
    body = json.dumps(document).encode()
    headers = [
        ("Content-Type", "application/json"),
        _length(body),
        ("x-amzn-RequestId", exchange.request_id),
    ]
    if status >= HTTPStatus.BAD_REQUEST:
        headers.append(("x-amzn-ErrorType", str(document["__type"])))
    start_response(_status_line(status), headers)
    return [body]


def _status_line(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"


def _length(body: bytes) -> tuple[str, str]:
    return "Content-Length", str(len(body))
