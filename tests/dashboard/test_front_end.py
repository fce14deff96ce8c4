"""Streamlit's files come from memory as they lie on the disk; all else is Streamlit's."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

from chainlight_dashboard import front_end

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

FILE = front_end.first()[0]
CONTENT = (front_end.FOLDER / FILE.lstrip("/")).read_bytes()


def _asked(path: str, **headers: str) -> list[Message]:
    """Return what is sent for a path; what goes on to Streamlit is answered with 418."""
    sent: list[Message] = []

    async def streamlit(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    named = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": named}
    asyncio.run(front_end.FrontEnd(streamlit)(scope, receive, send))
    return sent


def test_a_browser_that_unpacks_gets_the_file_packed_and_keeps_it_for_a_year() -> None:
    start, body = _asked(FILE, accept_encoding="gzip, br")
    headers = {key.decode(): value.decode() for key, value in start["headers"]}
    assert headers | {"content-length": ""} == {
        "cache-control": "public, immutable, max-age=31536000",
        "vary": "Accept-Encoding",
        "content-encoding": "gzip",
        "content-length": "",
        "content-type": "text/javascript; charset=utf-8",
    }
    assert gzip.decompress(body["body"]) == CONTENT
    assert len(body["body"]) < len(CONTENT)


def test_who_cannot_unpack_gets_the_file_as_it_is() -> None:
    start, body = _asked(FILE)
    assert b"content-encoding" not in dict(start["headers"])
    assert body["body"] == CONTENT


def test_parts_news_pages_and_what_does_not_exist_are_streamlits() -> None:
    conditions = [{"range": "bytes=0-9"}, {"if_none_match": '"a"'}]
    paths = ["/", "/chains", "/static/../index.html", "/static/js/none.js", "/static/media/a.woff2"]
    sent = [_asked(FILE, **one) for one in conditions] + [_asked(path) for path in paths]
    assert [one[0]["status"] for one in sent] == [418] * 7


def test_streamlits_page_names_files_that_are_kept() -> None:
    assert len(front_end.first()) > 20
    front_end.keep(front_end.first()[:2])
    assert set(front_end.first()[:2]) <= set(front_end._kept)
