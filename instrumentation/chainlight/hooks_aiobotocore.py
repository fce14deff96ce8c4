"""Hooks on aiobotocore, and so on aioboto3: what `hooks` does, awaited.

Tasks that run side by side each have their own exchange, because a context variable holds it. What
aiobotocore sends through aiohttp or httpx is inside of that exchange and is not counted again.
"""

from __future__ import annotations

from time import perf_counter_ns

from chainlight.errors import guard
from chainlight.hooks import close_exchange, noticed, open_exchange, under_way
from chainlight.imports import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    Params = dict[str, object]
    Method = Callable[..., Any]

_READERS = ("read", "readinto", "__aenter__")
"""`async with body` hands out aiohttp's own response, which is then read past the body."""


def hook_client(module: ModuleType) -> None:
    """Record the operations of aiobotocore's clients."""
    wrap(module.AioBaseClient, "_make_api_call", _recorded)


def hook_endpoint(module: ModuleType) -> None:
    """Time the HTTP exchanges inside them."""
    wrap(module.AioEndpoint, "_send", _timed)


def hook_response(module: ModuleType) -> None:
    """Notice whether the body of an answer is read: the methods return what is to be awaited."""
    for name in _READERS:
        wrap(module.StreamingBody, name, noticed)


def _recorded(original: Method) -> Method:
    async def make_api_call(client: object, operation_name: str, api_params: Params) -> object:
        exchange = guard("E03", open_exchange, client, operation_name, api_params)
        if exchange is None:
            return await original(client, operation_name, api_params)
        try:
            result = await original(client, operation_name, exchange.params)
        except BaseException as error:
            guard("E04", close_exchange, exchange, None, error)
            raise
        guard("E04", close_exchange, exchange, result, None)
        return result

    return make_api_call


def _timed(original: Method) -> Method:
    async def send(endpoint: object, request: object) -> object:
        exchange = under_way()
        if exchange is None:
            return await original(endpoint, request)
        guard("E03", exchange.sending)
        try:
            return await original(endpoint, request)
        finally:
            exchange.last_ns = perf_counter_ns()

    return send
