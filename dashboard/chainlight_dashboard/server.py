"""The server: the pages, and `/healthz` for whoever restarts what does not answer."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from chainlight_dashboard import source, warm
from chainlight_dashboard.ahead import Ahead
from chainlight_dashboard.errors import DashboardError
from chainlight_dashboard.front_end import FrontEnd
from chainlight_dashboard.preloads import Preloads

if TYPE_CHECKING:
    from starlette.requests import Request

ENTRY = Path(__file__).with_name("app.py")
KIB_BYTES = 1024


async def healthz(_: Request) -> JSONResponse:
    """Answer 200 while there is a database to show, else 503; names no path and no content.

    Open to everybody, behind a login too: load balancers bring no cookie.
    """
    figures = {
        "memory_peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB_BYTES,
        "prepared_snapshots_count": warm.warmth.snapshots_count,
    }
    try:
        source.check()
    except DashboardError:
        return JSONResponse({"status": "no database", **figures}, status_code=503)
    return JSONResponse({"status": "ok", **figures})


app = st.App(
    ENTRY,
    routes=[Route("/healthz", healthz)],
    middleware=[Middleware(FrontEnd), Middleware(Ahead), Middleware(Preloads)],
    lifespan=warm.lifespan,
)
