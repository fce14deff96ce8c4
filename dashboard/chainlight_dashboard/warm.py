"""Prepares each new snapshot before a reader asks for it: what every page needs, in a thread.

The first page on a new snapshot of a million attempts would wait for what is the same for everybody
(each chain's bill, coverage, findings); here nobody waits for it. Errors are the pages' to tell.
The server answers when the first one is prepared, so that a load balancer sends nobody before.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainlight_dashboard import data, front_end
from chainlight_dashboard.errors import DashboardError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import streamlit as st

CHECK_EVERY_S = 5.0
START_WITHIN_S = 20.0
"""A copy of a large object may take longer; then readers wait, as they do for a broken one."""
MODULES = ("altair", "pandas")
"""What pages import when they first draw: 0.9 s of processor time for charts alone."""
QUERIES = ("freshness", "findings", "dead_letters_totals", "raised_alerts")
"""What every page or the first one asks, without parameters; the freshest first."""


@dataclass(slots=True)
class Warmth:
    """What has been prepared since the server started."""

    version: str = ""
    snapshots_count: int = 0


warmth = Warmth()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Keep the thread alive as long as the server is, which begins when all is prepared."""
    stop, prepared = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=_run, args=(stop, prepared), name="chainlight-warm", daemon=True
    )
    thread.start()
    await asyncio.to_thread(prepared.wait, START_WITHIN_S)
    yield
    stop.set()


def once() -> None:
    """Open the newest snapshot and keep what every page asks of it."""
    with suppress(DashboardError):
        for name in QUERIES:
            data.frame(name)


def _run(stop: threading.Event, prepared: threading.Event) -> None:
    for name in MODULES:
        importlib.import_module(name)
    front_end.keep(front_end.first())
    while not stop.is_set():
        with suppress(DashboardError):
            _look()
        prepared.set()
        stop.wait(CHECK_EVERY_S)


def _look() -> None:
    version = data.snapshot().version
    if version != warmth.version:
        once()
        warmth.version = version
        warmth.snapshots_count += 1
