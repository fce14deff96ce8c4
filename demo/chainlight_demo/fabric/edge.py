"""The WSGI layer in front of moto: what we answer ourselves, and what every request passes.

In order: X-Ray is answered here; a throttled call is refused as its service refuses; a write to S3
takes the lock of its object; everything runs with its `Exchange` at hand.
"""

from __future__ import annotations

from collections.abc import Iterable

from chainlight_demo.fabric import s3
from chainlight_demo.fabric.answers import StartResponse, WsgiApp, json_answer, refusal
from chainlight_demo.fabric.exchange import (
    Exchange,
    WsgiEnviron,
    read_body,
    read_exchange,
    read_operation,
    serving,
)
from chainlight_demo.fabric.ports import LocalAws
from chainlight_demo.fabric.state_machines import tell_port
from chainlight_demo.fabric.xray_api import XrayApi


class Edge:
    """The middleware of one local AWS."""

    def __init__(self, app: WsgiApp, local_aws: LocalAws) -> None:
        self._app = app
        self._local_aws = local_aws
        self._write_locks = s3.WriteLocks()
        self._is_port_told = False

    def __call__(self, environ: WsgiEnviron, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        exchange = read_exchange(environ)
        if not self._is_port_told:
            tell_port(environ)
            self._is_port_told = True
        self._local_aws.ledger.note(environ, exchange.service)
        with serving(exchange):
            if self._is_refused(exchange, environ):
                read_body(environ)
                return refusal(exchange, environ, start_response)
            return self._serve(exchange, environ, start_response)

    def _is_refused(self, exchange: Exchange, environ: WsgiEnviron) -> bool:
        faults = self._local_aws.faults
        if not faults.throttles:
            return False
        return faults.refuses(exchange.service, read_operation(environ, exchange.service))

    def _serve(
        self, exchange: Exchange, environ: WsgiEnviron, start_response: StartResponse
    ) -> Iterable[bytes]:
        xray = XrayApi(self._local_aws.xray)
        path = str(environ.get("PATH_INFO", ""))
        if exchange.service == "xray" or (not exchange.service and xray.handles(path)):
            status, document = xray.answer(path, read_body(environ))
            return json_answer(exchange, status, document, start_response)
        if exchange.service != "s3":
            return self._app(environ, start_response)
        with self._write_locks.lock_for(environ):
            return self._app(environ, _with_headers(start_response, s3.response_headers()))


def _with_headers(start_response: StartResponse, added: list[tuple[str, str]]) -> StartResponse:
    """Answer with our request ids; boto3 would prefer moto's `x-amzn-requestid` over S3's own."""
    names = {"x-amzn-requestid", *(name for name, _ in added)}

    def start(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
        kept = [(name, value) for name, value in headers if name.lower() not in names]
        return start_response(status, [*kept, *added], *rest)

    return start
