"""What tracers talk to instead of the network: HTTP and UDP on loopback, counted.

Prints one line of JSON, its ports: `http` answers everything like Lambda's Invoke, `udp` swallows,
`hang` accepts and never answers. `GET /counts` says how many bytes came, invocations left out.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

ANSWER = b'{"ok":true}'
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"x-amzn-RequestId: 0a1b2c3d-1111-4111-8111-000000000001\r\nContent-Length: "
)


class Datagrams(asyncio.DatagramProtocol):
    """Counts the bytes of datagrams."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002
        """Count one."""
        self.counts["udp_bytes"] += len(data)


async def main() -> None:
    """Serve until standard input ends, which it does with the parent, however that ended."""
    counts: Counter[str] = Counter()

    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _serve(reader, writer, counts)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    servers = [await asyncio.start_server(role, "127.0.0.1", 0) for role in (http, hang)]
    loop = asyncio.get_running_loop()
    udp, _ = await loop.create_datagram_endpoint(
        lambda: Datagrams(counts), local_addr=("127.0.0.1", 0)
    )
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    named = {"http": ports[0], "hang": ports[1], "udp": udp.get_extra_info("sockname")[1]}
    print(json.dumps(named), flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def _serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counts: Counter[str]
) -> None:
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        request, *lines = head.decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        body_bytes = await _body(reader, writer, fields)
        answer = ANSWER
        if " /counts " in request:
            answer = json.dumps(counts).encode()
        elif "/invocations" not in request:
            counts["http_bytes"] += body_bytes
        writer.write(HEAD + b"%d\r\n\r\n%s" % (len(answer), answer))


async def _body(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: dict[str, str]
) -> int:
    """Read a body, of either kind, and return its bytes."""
    if "expect" in fields:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if fields.get("transfer-encoding") != "chunked":
        return len(await reader.readexactly(int(fields.get("content-length", 0))))
    total_bytes = 0
    while chunk_bytes := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(chunk_bytes + 2)
        total_bytes += chunk_bytes
    await reader.readexactly(2)
    return total_bytes


if __name__ == "__main__":
    asyncio.run(main())
