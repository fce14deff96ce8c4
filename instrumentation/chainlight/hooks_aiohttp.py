"""Hooks on aiohttp's client: a request is sent on a connection, then the answer's head arrives.

Between the two lie different objects, and each redirect has its own. The time to get a connection
lies before both and is not part of the wait.
"""

from __future__ import annotations

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

_NAME = "_chainlight_request"


def hook_client(module: ModuleType) -> None:
    """Record the requests of aiohttp's sessions."""
    wrap(module.ClientRequest, "send", _sent)
    wrap(module.ClientResponse, "start", _started)


def _sent(original: Method) -> Method:
    async def send(theirs: object, *arguments: object, **keywords: object) -> object:
        request = guard("E03", _begin, theirs)
        if request is None:
            return await original(theirs, *arguments, **keywords)
        try:
            response = await original(theirs, *arguments, **keywords)
        except BaseException as error:
            guard("E04", hooks_http.fail, request, error)
            raise
        guard("E04", setattr, response, _NAME, request)
        return response

    return send


def _begin(theirs: Any) -> Request | None:  # noqa: ANN401 - aiohttp's, which we do not import
    url = theirs.url
    if theirs.method == "CONNECT":
        return None
    request = hooks_http.begin(theirs.method, Door(url.raw_host or "", url.port, url.raw_path_qs))
    if request is not None:
        guard("E03", _add_headers, request, theirs)
    return request


def _add_headers(request: Request, theirs: Any) -> None:  # noqa: ANN401 - as above
    given = {name.lower(): value for name, value in theirs.headers.items()}
    for name, value in hooks_http.headers_for(request, given):
        theirs.headers[name] = value


def _started(original: Method) -> Method:
    async def start(response: object, *arguments: object, **keywords: object) -> object:
        request = guard("E04", vars(response).pop, _NAME, None)
        if request is None:
            return await original(response, *arguments, **keywords)
        try:
            result = await original(response, *arguments, **keywords)
        except BaseException as error:
            guard("E04", hooks_http.fail, request, error)
            raise
        guard("E04", _end, request, response)
        return result

    return start


def _end(request: Request, response: Any) -> None:  # noqa: ANN401 - as above
    hooks_http.end(request, response.status, response.headers.get)
