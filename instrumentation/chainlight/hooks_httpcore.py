"""Hooks on httpcore, and so on httpx, sync and async: the pool takes a request, gives an answer.

httpx makes a request of its own for the pool, so that what is added here is on the wire and not in
the user's request object; the pool is given a copy all the same.
"""

from __future__ import annotations

from copy import copy

from chainlight import hooks_http
from chainlight.errors import guard
from chainlight.hooks_http import Door, Request
from chainlight.imports import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    Method = Callable[..., Any]
    Sent = tuple[Request, Any]


def hook_pools(module: ModuleType) -> None:
    """Record what goes through connection pools and proxies, which are pools."""
    wrap(module.ConnectionPool, "handle_request", _handled)
    wrap(module.AsyncConnectionPool, "handle_async_request", _handled_async)


def _handled(original: Method) -> Method:
    def handle_request(pool: object, request: object) -> object:
        sent = guard("E03", _begin, request)
        if sent is None:
            return original(pool, request)
        try:
            response = original(pool, sent[1])
        except BaseException as error:
            guard("E04", hooks_http.fail, sent[0], error)
            raise
        guard("E04", _end, sent[0], response)
        return response

    return handle_request


def _handled_async(original: Method) -> Method:
    async def handle_async_request(pool: object, request: object) -> object:
        sent = guard("E03", _begin, request)
        if sent is None:
            return await original(pool, request)
        try:
            response = await original(pool, sent[1])
        except BaseException as error:
            guard("E04", hooks_http.fail, sent[0], error)
            raise
        guard("E04", _end, sent[0], response)
        return response

    return handle_async_request


def _begin(theirs: Any) -> Sent | None:  # noqa: ANN401 - httpcore's, which we do not import
    url = theirs.url
    door = Door(url.host.decode("latin-1"), url.port, url.target.decode("latin-1"))
    request = hooks_http.begin(theirs.method.decode("latin-1"), door)
    if request is None:
        return None
    return request, guard("E03", _filled, request, theirs) or theirs


def _filled(request: Request, theirs: Any) -> Any:  # noqa: ANN401 - as above
    given = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in theirs.headers
    }
    added = hooks_http.headers_for(request, given)
    if not added:
        return theirs
    filled = copy(theirs)
    ours = [(name.encode(), value.encode()) for name, value in added]
    filled.headers = [*theirs.headers, *ours]
    return filled


def _end(request: Request, response: Any) -> None:  # noqa: ANN401 - as above
    answered = {name.lower(): value for name, value in response.headers}

    def header(name: str) -> str | None:
        value = answered.get(name.encode())
        return None if value is None else str(value, "latin-1")

    hooks_http.end(request, response.status, header)
