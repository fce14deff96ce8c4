"""Lets the database answer while the browser still loads: a page's address says what it will ask.

Between the request for a page and its first line of Python, a browser that knows nothing yet takes
a second to load Streamlit. What is answered meanwhile is kept where the page looks for it; who asks
for what is being answered waits for it and no longer. Behind a login nothing is asked ahead: whose
browser it is, is known later.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from chainlight_dashboard import data, login
from chainlight_dashboard.errors import DashboardError
from chainlight_dashboard.views.questions import PAGES, Question, questions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PAGES_AT_ONCE = 2
"""More than the machine has processors for would only stand in each other's way."""


class Ahead:
    """Asks what a page will ask as soon as its address is requested; `app` answers as before."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin to ask, and let `app` answer."""
        if _is_page(scope) and not login.is_wanted():
            begin(scope["path"].strip("/"), scope["query_string"].decode("latin-1"))
        await self._app(scope, receive, send)


def begin(page: str, query: str) -> None:
    """Ask in a thread what the page of an address will ask; nothing where enough is being asked."""
    wanted = questions(page, parse_qs(query), time.time_ns() // 1_000)
    if wanted and _free.acquire(blocking=False):
        _threads.submit(_ask, wanted)


def _is_page(scope: Scope) -> bool:
    return (
        scope["type"] == "http" and scope["method"] == "GET" and scope["path"].strip("/") in PAGES
    )


def _ask(wanted: list[Question]) -> None:
    try:
        for question in wanted:
            with suppress(DashboardError):  # the page asks again, and says what is wrong
                data.frame(question.name, **question.parameters)
    finally:
        _free.release()


_threads = ThreadPoolExecutor(PAGES_AT_ONCE, thread_name_prefix="chainlight-ahead")
_free = BoundedSemaphore(PAGES_AT_ONCE)
