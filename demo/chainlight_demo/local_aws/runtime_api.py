"""The Lambda Runtime API of one sandbox: HTTP on a loopback port of its own.

Knows the protocol only; what a request means is the sandbox's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

HOST = "127.0.0.1"
_HEAD_BYTES_MAX = 2_097_152  # an X-Ray cause travels in a header, up to 1 MiB of it


@dataclass(frozen=True, slots=True)
class RuntimeCall:
    """A request of the runtime; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class RuntimeAnswer:
    """What the runtime is told."""

    status: HTTPStatus
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class RuntimeApi:
    """Serves one sandbox until it is closed."""

    def __init__(self, answer: Callable[[RuntimeCall], Awaitable[RuntimeAnswer]]) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        """Listen on a free port and return `host:port`, as AWS_LAMBDA_RUNTIME_API wants it."""
        self._server = await asyncio.start_server(self._serve, HOST, 0, limit=_HEAD_BYTES_MAX)
        port = self._server.sockets[0].getsockname()[1]
        return f"{HOST}:{port}"

    def close(self) -> None:
        """Stop listening and drop the runtime's connections."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        if connection is None:  # pragma: no cover - start_server always runs us in a task
            return
        self._connections.add(connection)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve_requests(reader, writer)
        finally:
            self._connections.discard(connection)
            writer.close()

    async def _serve_requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            call = await _read_call(reader)
            answer = await self._answer(call)
            writer.write(_format_answer(answer))
            await writer.drain()


async def _read_call(reader: asyncio.StreamReader) -> RuntimeCall:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request_line, *header_lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = request_line.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in header_lines)
    }
    return RuntimeCall(method, path, headers, await _read_body(reader, headers))


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _read_chunks(reader)
    return await reader.readexactly(int(headers.get("content-length") or 0))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while chunk_bytes := int((await reader.readline()).split(b";")[0], 16):
        chunks.append(await reader.readexactly(chunk_bytes))
        await reader.readline()
    while (await reader.readline()).strip():  # trailers
        pass
    return b"".join(chunks)


def _format_answer(answer: RuntimeAnswer) -> bytes:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(answer.body)),
        **answer.headers,
    }
    head = f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode("latin-1") + b"\r\n" + answer.body
