"""Names the waterfall's modules with a chain's page: else a browser finds them import by import.

The waterfall is the only one of our components that imports three deep; with 60 ms to the server
its last module came a quarter of a second later. A `Link` header is all: whoever does not know it
loads as before.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE = "/chain"
ENTRY = "main.js"
FRONTEND = Path(__file__).parent / "frontend"
FOLDER = "./_stcore/bidi-components/chainlight-dashboard.waterfall"
IMPORTED = re.compile(r'^(?:import|export)\b[^;]*?from "\./([\w.]+)"', re.MULTILINE)


class Preloads:
    """Adds the header to a chain's page; `app` answers all the rest as before."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let `app` answer, and name the modules where it answers with a chain's page."""
        is_page = scope["type"] == "http" and scope["path"] == PAGE

        async def send_linked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["link"] = header()
            await send(message)

        await self._app(scope, receive, send_linked if is_page else send)


@cache
def header() -> str:
    """Return the header's value: the entry and all it imports; the page's own frame goes first."""
    return ", ".join(f"<{FOLDER}/{name}>;rel=modulepreload;fetchpriority=low" for name in modules())


def modules() -> list[str]:
    """Return the names of the waterfall's modules, the first needed first."""
    found, waiting = [ENTRY], [ENTRY]
    while waiting:
        text = (FRONTEND / waiting.pop(0)).read_text("utf-8")
        news = [name for name in dict.fromkeys(IMPORTED.findall(text)) if name not in found]
        found += news
        waiting += news
    return found
