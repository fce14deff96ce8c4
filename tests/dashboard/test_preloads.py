"""A chain's page names the modules of the waterfall, and no other page does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from chainlight_dashboard import preloads

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

HEADERS_BYTES_MAX = 3_000
"""Proxies give all headers of an answer 4 kB."""


def _headers(path: str) -> dict[bytes, bytes]:
    sent: list[Message] = []

    async def streamlit(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    asyncio.run(preloads.Preloads(streamlit)(scope, receive, send))
    return dict(sent[0]["headers"])


def test_each_module_of_the_waterfall_is_named_once_and_exists() -> None:
    names = preloads.modules()
    assert names[0] == "main.js"
    assert {"app.js", "rows.js", "scale.js", "tooltip.js"} < set(names)
    assert len(names) == len(set(names))
    assert all((preloads.FRONTEND / name).is_file() for name in names)


def test_only_a_chains_page_names_them_within_what_proxies_let_through() -> None:
    assert _headers("/chain") == {b"link": preloads.header().encode()}
    assert len(preloads.header()) < HEADERS_BYTES_MAX
    assert _headers("/chains") == {}
