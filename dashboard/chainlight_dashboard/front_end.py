"""Streamlit's front end from memory, compressed once: opening a page asks for a hundred files.

Streamlit looks each up on the disk in a thread and sends it as it lies there, and advises a proxy
that compresses; a laptop has none and a load balancer does not compress. Names hold a hash of what
the file says, so nothing kept here grows old. Whatever is no such file, and a request for a part or
for news of one, goes on to Streamlit as before.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = Path(streamlit.__file__).parent / "static"
PREFIX = "/static/"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Of files that are text; fonts and pictures are compressed as they are and are Streamlit's."""
KEPT_FOR_S = 365 * 86_400
COMPRESSION_LEVEL = 6
NAMED = re.compile(r'"\./(static/[^"]+)"')
CONDITIONS = ("range", "if-none-match", "if-modified-since")


class FrontEnd:
    """Answers for the files of Streamlit's front end; the rest of `app` is asked as before."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or let `app` answer."""
        answer = await _answer(scope) if _is_asked(scope) else None
        await (answer or self._app)(scope, receive, send)


def keep(paths: Iterable[str]) -> None:
    """Read and compress files before somebody asks for them."""
    for path in paths:
        _made(path)


def first() -> list[str]:
    """Return the files that Streamlit's own page names: every browser asks for them at once."""
    page = (FOLDER / "index.html").read_text("utf-8")
    return [path for path in (f"/{found}" for found in NAMED.findall(page)) if path in _files]


def _is_asked(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and scope["path"].startswith(PREFIX)
        and scope["path"] in _files
    )


async def _answer(scope: Scope) -> Response | None:
    asked = Headers(scope=scope)
    if any(name in asked for name in CONDITIONS):
        return None
    path = scope["path"]
    made = _kept.get(path)
    if made is None:
        made = await run_in_threadpool(_made, path)
    plain, small = made
    return small if "gzip" in asked.get("accept-encoding", "") else plain


def _made(path: str) -> tuple[Response, Response]:
    content = _files[path].read_bytes()
    headers = {
        "cache-control": f"public, immutable, max-age={KEPT_FOR_S}",
        "vary": "Accept-Encoding",
    }
    media_type = MEDIA_TYPES[_files[path].suffix]
    answers = (
        Response(content, headers=headers, media_type=media_type),
        Response(
            gzip.compress(content, COMPRESSION_LEVEL, mtime=0),
            headers={**headers, "content-encoding": "gzip"},
            media_type=media_type,
        ),
    )
    _kept[path] = answers
    return answers


_files = {
    f"/{path.relative_to(FOLDER).as_posix()}": path
    for path in (FOLDER / "static").rglob("*")
    if path.suffix in MEDIA_TYPES
}
_kept: dict[str, tuple[Response, Response]] = {}
