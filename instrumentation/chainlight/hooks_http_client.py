"""Hooks on http.client, and so on urllib3 (1 and 2), requests and urllib, which all stand on it.

`imports` calls `begin_request` from inside putrequest, for connections that are not botocore's own
class; the other methods are wrapped when that first happens, so that a function that only talks to
AWS never loads this module. Headers are added between the user's last one and the end of the head.
"""

from __future__ import annotations

import sys

from chainlight import hooks_http
from chainlight.errors import guard
from chainlight.hooks_http import Door, Request
from chainlight.imports import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPConnection, HTTPResponse

    Method = Callable[..., object]

_NAME = "_chainlight_request"


def begin_request(connection: HTTPConnection, method: str, url: str) -> None:
    """Start the clock of a request whose first line has just been written."""
    _hook_the_rest()
    request = hooks_http.begin(method, _door(connection, url))
    if request is not None:
        setattr(connection, _NAME, request)


def _hook_the_rest() -> None:
    connection_class = sys.modules["http.client"].HTTPConnection
    wrap(connection_class, "endheaders", _head_ended)
    wrap(connection_class, "getresponse", _answered)
    wrap(connection_class, "close", _closed)


def _door(connection: HTTPConnection, url: str) -> Door:
    """Return where the request goes: behind a proxy, not the proxy."""
    scheme, found, rest = url.partition("://")
    if found and scheme.isalpha():
        netloc, slash, path = rest.partition("/")
        host, _, port = netloc.rpartition("@")[2].partition(":")
        return Door(host, int(port) if port.isdecimal() else None, slash + path)
    tunnel_host = getattr(connection, "_tunnel_host", None)
    if tunnel_host:
        return Door(tunnel_host, getattr(connection, "_tunnel_port", None), url)
    return Door(connection.host, connection.port, url)


def _taken(connection: HTTPConnection) -> Request | None:
    request: Request | None = vars(connection).pop(_NAME, None)
    return request


def _head_ended(original: Method) -> Method:
    def endheaders(connection: HTTPConnection, *arguments: object, **keywords: object) -> object:
        request = vars(connection).get(_NAME)
        if request is None:
            return original(connection, *arguments, **keywords)
        guard("E03", _add_headers, connection, request)
        try:
            return original(connection, *arguments, **keywords)
        except BaseException as error:
            guard("E04", _fail, connection, error)
            raise

    return endheaders


def _add_headers(connection: HTTPConnection, request: Request) -> None:
    lines: list[bytes] = connection._buffer[1:]  # type: ignore[attr-defined]  # noqa: SLF001
    given = {}
    for line in lines:
        name, _, value = line.decode("latin-1").partition(":")
        given[name.lower()] = value.strip()
    for name, value in hooks_http.headers_for(request, given):
        connection.putheader(name, value)


def _answered(original: Method) -> Method:
    def getresponse(connection: HTTPConnection, *arguments: object, **keywords: object) -> object:
        # urllib3 1 asks with buffering=True first, which Python 3 refuses, and then without.
        is_refused = bool(arguments or keywords)
        request = None if is_refused else guard("E04", _taken, connection)
        if request is None:
            return original(connection, *arguments, **keywords)
        try:
            response = original(connection, *arguments, **keywords)
        except BaseException as error:
            guard("E04", hooks_http.fail, request, error)
            raise
        guard("E04", _end, request, response)
        return response

    return getresponse


def _end(request: Request, response: HTTPResponse) -> None:
    hooks_http.end(request, response.status, response.headers.get)


def _closed(original: Method) -> Method:
    def close(connection: HTTPConnection) -> object:
        if _NAME in vars(connection):
            guard("E04", _fail, connection, sys.exc_info()[1])
        return original(connection)

    return close


def _fail(connection: HTTPConnection, error: BaseException | None) -> None:
    request = _taken(connection)
    if request is not None:
        hooks_http.fail(request, error)
