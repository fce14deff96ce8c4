"""Answers we write ourselves, in the protocol the client spoke: JSON, query XML, S3 XML or CBOR."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from chainlight_demo.fabric.exchange import Exchange, WsgiEnviron

StartResponse: TypeAlias = Callable[..., Any]
WsgiApp: TypeAlias = Callable[[WsgiEnviron, StartResponse], Iterable[bytes]]

_REFUSAL_BY_SERVICE = {
    "lambda": (HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequestsException"),
    "xray": (HTTPStatus.TOO_MANY_REQUESTS, "ThrottledException"),
    "sqs": (HTTPStatus.FORBIDDEN, "RequestThrottled"),
    "s3": (HTTPStatus.SERVICE_UNAVAILABLE, "SlowDown"),
    "sns": (HTTPStatus.BAD_REQUEST, "Throttled"),
    "monitoring": (HTTPStatus.BAD_REQUEST, "Throttling"),
}
_MESSAGE = "Rate exceeded"
_CBOR_TEXT = 0x60
_CBOR_ONE_BYTE_LENGTH = 24


def json_answer(
    exchange: Exchange,
    status: HTTPStatus,
    document: Mapping[str, object],
    start_response: StartResponse,
) -> list[bytes]:
    """Answer with a JSON document; from status 400 on, `__type` is its error code."""
    headers = [("x-amzn-RequestId", exchange.request_id)]
    if status >= HTTPStatus.BAD_REQUEST:
        headers.append(("x-amzn-ErrorType", str(document["__type"])))
    body = json.dumps(document).encode()
    return _answer(status, "application/json", body, start_response, headers)


def refusal(exchange: Exchange, environ: WsgiEnviron, start_response: StartResponse) -> list[bytes]:
    """Answer a throttled call as its service does."""
    status, code = _REFUSAL_BY_SERVICE.get(
        exchange.service, (HTTPStatus.BAD_REQUEST, "ThrottlingException")
    )
    content_type = str(environ.get("CONTENT_TYPE", ""))
    if exchange.service == "s3" or content_type.startswith("application/x-www-form-urlencoded"):
        body = _xml_error(exchange, code).encode()
        return _answer(status, "text/xml", body, start_response, [])
    document = {"__type": code, "message": _MESSAGE}
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        headers = [("smithy-protocol", "rpc-v2-cbor")]
        return _answer(status, "application/cbor", _cbor(document), start_response, headers)
    return json_answer(exchange, status, document, start_response)


def _answer(
    status: HTTPStatus,
    content_type: str,
    body: bytes,
    start_response: StartResponse,
    headers: list[tuple[str, str]],
) -> list[bytes]:
    base = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", [*base, *headers])
    return [body]


def _xml_error(exchange: Exchange, code: str) -> str:
    error = f"<Code>{code}</Code><Message>{_MESSAGE}</Message>"
    request_id = f"<RequestId>{exchange.request_id}</RequestId>"
    if exchange.service == "s3":
        return f"<Error>{error}{request_id}</Error>"
    return f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>{request_id}</ErrorResponse>"


def _cbor(document: Mapping[str, str]) -> bytes:
    """Encode a short map of short texts (RFC 8949, majors 5 and 3)."""
    texts = [_cbor_text(text) for pair in document.items() for text in pair]
    return bytes([0xA0 + len(document)]) + b"".join(texts)


def _cbor_text(text: str) -> bytes:
    raw = text.encode()
    if len(raw) < _CBOR_ONE_BYTE_LENGTH:
        return bytes([_CBOR_TEXT + len(raw)]) + raw
    return bytes([_CBOR_TEXT + _CBOR_ONE_BYTE_LENGTH, len(raw)]) + raw
