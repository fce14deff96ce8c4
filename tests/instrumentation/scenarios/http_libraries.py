"""Every HTTP library in every situation, each in a handler of its own; prints what came out.

Run as ``python http_libraries.py URL RESULTS [LIBRARY…]``: the results go to the file RESULTS as
JSON, so that standard output holds nothing but what the layer prints. With CHAINLIGHT_OFF=1 it is
the bare run.
"""

# ruff: noqa: D102 - the classes are one table: what each library calls get, post and stream

from __future__ import annotations

import asyncio
import http.client
import json
import re
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
import requests
import urllib3

import chainlight

PATHS = ["ok", "plain", "chunked", "redirect", "http10", "half", "reset", "slow", "error"]
AWS_URL = "http://abc123.execute-api.eu-west-1.amazonaws.com/prod/orders/17?key=secret"
TRUST = ssl.create_default_context()  # 0.1 s each, so all clients share one
CHUNKED = {"Transfer-Encoding": "chunked"}
Result = tuple[int, dict[str, str], str]


def _result(status: int, headers: Any, body: bytes) -> Result:
    told = {name.lower(): value for name, value in headers.items() if name.lower() != "date"}
    return status, told, body.decode()


def _patience_s(url: str) -> float:
    return 0.3 if url.endswith("/slow") else 30


def _pieces() -> Iterator[bytes]:
    yield b"one"
    yield b"two"


class Requests:
    """Requests, over urllib3."""

    def __init__(self, proxy: str) -> None:
        self.proxies = {"http": proxy}
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, url: str, headers: Any = None) -> Result:
        answer = self.session.get(url, headers=headers, timeout=_patience_s(url))
        return _result(answer.status_code, answer.headers, answer.content)

    def post(self, url: str) -> Result:
        answer = self.session.post(url, data=_pieces(), timeout=_patience_s(url))
        return _result(answer.status_code, answer.headers, answer.content)

    def stream(self, url: str) -> Result:
        with self.session.get(url, stream=True, timeout=_patience_s(url)) as answer:
            body = b"".join(answer.iter_content(3))
        return _result(answer.status_code, answer.headers, body)

    def front_door(self) -> Result:
        answer = self.session.get(AWS_URL, proxies=self.proxies)
        return _result(answer.status_code, answer.headers, answer.content)


class Urllib3:
    """urllib3 by itself."""

    def __init__(self, proxy: str) -> None:
        self.pool = urllib3.PoolManager()
        self.proxy = urllib3.ProxyManager(proxy)

    def get(self, url: str, headers: Any = None) -> Result:
        answer = self.pool.request("GET", url, headers=headers, timeout=_patience_s(url), retries=1)
        return _result(answer.status, answer.headers, answer.data)

    def post(self, url: str) -> Result:
        answer = self.pool.request(
            "POST", url, body=_pieces(), timeout=_patience_s(url), retries=False
        )
        return _result(answer.status, answer.headers, answer.data)

    def stream(self, url: str) -> Result:
        answer = self.pool.request("GET", url, preload_content=False, timeout=_patience_s(url))
        body = b"".join(answer.stream(3))
        answer.release_conn()
        return _result(answer.status, answer.headers, body)

    def front_door(self) -> Result:
        answer = self.proxy.request("GET", AWS_URL, retries=False)
        return _result(answer.status, answer.headers, answer.data)


class Urllib:
    """urllib.request of the standard library."""

    def __init__(self, proxy: str) -> None:
        self.bare = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.proxy = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy}))

    def get(self, url: str, headers: Any = None) -> Result:
        asked = urllib.request.Request(url, headers=headers or {})  # noqa: S310 - loopback
        with self.bare.open(asked, timeout=_patience_s(url)) as answer:
            return _result(answer.status, answer.headers, answer.read())

    def post(self, url: str) -> Result:
        with self.bare.open(url, data=b"onetwo", timeout=_patience_s(url)) as answer:
            return _result(answer.status, answer.headers, answer.read())

    def stream(self, url: str) -> Result:
        with self.bare.open(url, timeout=_patience_s(url)) as answer:
            body = b"".join(iter(lambda: answer.read(3), b""))
            return _result(answer.status, answer.headers, body)

    def front_door(self) -> Result:
        with self.proxy.open(AWS_URL) as answer:
            return _result(answer.status, answer.headers, answer.read())


class HttpClient:
    """http.client by itself: one connection, kept."""

    def __init__(self, proxy: str) -> None:
        self.host = proxy.removeprefix("http://").strip("/")
        self.connection = http.client.HTTPConnection(self.host)

    def get(self, url: str, headers: Any = None) -> Result:
        return self._ask("GET", "/" + url.split("/", 3)[3], None, headers, url.split("/")[2])

    def post(self, url: str) -> Result:
        return self._ask("POST", "/" + url.split("/", 3)[3], _pieces(), CHUNKED)

    def stream(self, url: str) -> Result:
        self.connection.request("GET", "/" + url.split("/", 3)[3])
        answer = self.connection.getresponse()
        return _result(answer.status, answer.headers, b"".join(iter(lambda: answer.read(3), b"")))

    def front_door(self) -> Result:
        return self._ask("GET", AWS_URL)

    def _ask(
        self, method: str, path: str, body: Any = None, headers: Any = None, host: str = ""
    ) -> Result:
        connection = self.connection
        if host and host != self.host:
            connection = http.client.HTTPConnection(host)
        connection.timeout = _patience_s(path)
        try:
            connection.request(method, path, body, headers or {}, encode_chunked=True)
            answer = connection.getresponse()
            return _result(answer.status, answer.headers, answer.read())
        except OSError:
            connection.close()
            raise


class Httpx:
    """httpx, sync."""

    def __init__(self, proxy: str) -> None:
        self.client = httpx.Client(follow_redirects=True, trust_env=False)
        self.proxy = httpx.Client(proxy=proxy, trust_env=False)

    def get(self, url: str, headers: Any = None) -> Result:
        answer = self.client.get(url, headers=headers, timeout=_patience_s(url))
        return _result(answer.status_code, answer.headers, answer.content)

    def post(self, url: str) -> Result:
        answer = self.client.post(url, content=_pieces())
        return _result(answer.status_code, answer.headers, answer.content)

    def stream(self, url: str) -> Result:
        with self.client.stream("GET", url) as answer:
            body = b"".join(answer.iter_bytes(3))
        return _result(answer.status_code, answer.headers, body)

    def front_door(self) -> Result:
        answer = self.proxy.get(AWS_URL)
        return _result(answer.status_code, answer.headers, answer.content)


class AsyncHttpx:
    """httpx, async."""

    def __init__(self, proxy: str) -> None:
        self.proxy = proxy

    def get(self, url: str, headers: Any = None) -> Result:
        return asyncio.run(self._get(url, headers))

    def stream(self, url: str) -> Result:
        return asyncio.run(self._get(url, None))

    def front_door(self) -> Result:
        return asyncio.run(self._get(AWS_URL, None, proxy=self.proxy))

    async def _get(self, url: str, headers: Any, **options: Any) -> Result:
        options |= {"timeout": _patience_s(url), "follow_redirects": True, "verify": TRUST}
        async with httpx.AsyncClient(**options) as client:
            async with client.stream("GET", url, headers=headers) as answer:
                body = b"".join([piece async for piece in answer.aiter_bytes(3)])
            return _result(answer.status_code, answer.headers, body)

    def post(self, url: str) -> Result:
        async def pieces() -> Any:
            for piece in _pieces():
                yield piece

        async def post() -> Result:
            async with httpx.AsyncClient(timeout=_patience_s(url), verify=TRUST) as client:
                answer = await client.post(url, content=pieces())
            return _result(answer.status_code, answer.headers, answer.content)

        return asyncio.run(post())


class Aiohttp:
    """The client of aiohttp."""

    def __init__(self, proxy: str) -> None:
        self.proxy = proxy

    def get(self, url: str, headers: Any = None) -> Result:
        return asyncio.run(self._ask("GET", url, headers=headers))

    def post(self, url: str) -> Result:
        async def pieces() -> Any:
            for piece in _pieces():
                yield piece

        return asyncio.run(self._ask("POST", url, data=pieces()))

    def stream(self, url: str) -> Result:
        return asyncio.run(self._ask("GET", url))

    def front_door(self) -> Result:
        return asyncio.run(self._ask("GET", AWS_URL, proxy=self.proxy))

    async def _ask(self, method: str, url: str, **options: Any) -> Result:
        timeout = aiohttp.ClientTimeout(sock_read=_patience_s(url))
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, url, **options) as answer,
        ):
            body = b"".join([piece async for piece in answer.content.iter_chunked(3)])
            return _result(answer.status, answer.headers, body)


LIBRARIES: list[Callable[[str], Any]] = [
    Requests, Urllib3, Urllib, HttpClient, Httpx, AsyncHttpx, Aiohttp,
]  # fmt: skip


def situations(library: Any, url: str) -> Iterator[tuple[str, Callable[[], Result]]]:
    """Yield the name and the doing of each situation."""
    for path in PATHS:
        yield path, lambda path=path: library.get(f"{url}/{path}")  # type: ignore[misc]
    yield "again", lambda: library.get(f"{url}/ok")
    yield (
        "signed",
        lambda: library.get(
            f"{url}/ok", {"Authorization": "AWS4-HMAC-SHA256 Credential=x", "X-Amz-Date": "y"}
        ),
    )
    yield "presigned", lambda: library.get(f"{url}/ok?X-Amz-Signature=abc")
    yield "traced by others", lambda: library.get(f"{url}/ok", {"traceparent": "00-theirs"})
    yield "upload", lambda: library.post(f"{url}/ok")
    yield "stream", lambda: library.stream(f"{url}/chunked")
    yield "refused", lambda: library.get("http://127.0.0.1:9/ok")
    yield "front door", library.front_door


def _outcome(do: Callable[[], Result]) -> Any:
    """Return the result, or the exception and those behind it, without addresses of objects."""
    try:
        return do()
    except Exception as error:  # noqa: BLE001 - any of them is the outcome
        trail = []
        current: BaseException | None = error
        while current is not None:
            trail.append(
                [type(current).__name__, re.sub(r"\b(0x)?[0-9a-f]{8,}\b", "#", str(current))]
            )
            current = current.__cause__ or current.__context__
        return trail


def main(url: str, results: str, *names: str) -> None:
    """Run every situation of every library, or of those that are named."""
    outcomes = {}
    for make in LIBRARIES:
        if names and make.__name__ not in names:
            continue
        library = make(url)
        name = type(library).__name__
        for situation, do in situations(library, url):
            context = SimpleNamespace(aws_request_id=f"{name}/{situation}")
            handler = chainlight.trace(lambda _event, _context, do=do: _outcome(do))  # type: ignore[misc]
            outcomes[f"{name}/{situation}"] = handler({}, context)
    Path(results).write_text(json.dumps(outcomes, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
