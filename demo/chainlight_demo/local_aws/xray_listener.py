"""The X-Ray daemon's UDP port: segments of aws-xray-sdk go into the store, the rest is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from chainlight_demo.local_aws import tracing

HOST = "127.0.0.1"


class XrayListener(asyncio.DatagramProtocol):
    """Hands every segment it hears to `put_segment`."""

    def __init__(self, put_segment: Callable[[tracing.Segment], None]) -> None:
        self._put_segment = put_segment

    def datagram_received(self, data: bytes, _addr: object) -> None:
        """Take one datagram; ADOT's `T1S` and broken ones are dropped, as by a daemon."""
        segment = tracing.read_datagram(data)
        if segment is not None:
            with suppress(ValueError):
                self._put_segment(segment)


async def listen(
    put_segment: Callable[[tracing.Segment], None],
) -> tuple[asyncio.DatagramTransport, str]:
    """Open a port and return its transport and `host:port`."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: XrayListener(put_segment), local_addr=(HOST, 0)
    )
    host, port = transport.get_extra_info("sockname")[:2]
    return transport, f"{host}:{port}"
