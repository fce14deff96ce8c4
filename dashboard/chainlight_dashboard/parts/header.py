"""The line at the top of a page: its title or time range, how old the data is, and the clock."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.errors import DashboardError
from chainlight_dashboard.parts import links
from chainlight_dashboard.views import freshness, window, zones
from chainlight_dashboard.views.plain import escaped

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

NOTICE_MAX = 600
CHECK_EVERY_S = float(os.environ.get("CHAINLIGHT_REFRESH_S", "15"))


def now_us() -> int:
    """Return the present in epoch microseconds."""
    return time.time_ns() // 1_000


def zone() -> zones.Zone:
    """Return the clock that the reader chose; it is in the URL as `tz`."""
    return zones.zone(st.session_state.get("tz"), st.context.timezone)


def draw(page: str) -> None:
    """Draw the line for a page: its time range, how old the data is, live or not, and the clock.

    The entry script draws it for all pages: what a page binds to its address itself, Streamlit
    takes out of the address on the way to another page, and Back would not find it again. For the
    same reason a page without a time range has one too, unseen: the list after a chain began at
    24 h, whatever the one before it had shown.
    """
    data.row(
        "freshness"
    )  # raises here, where the page can say so: a fragment's errors stay inside it
    links.let_tab_leave_tables()
    left, right = st.columns([1.25, 1], vertical_alignment="center")
    with (
        right,
        st.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"
        ),
    ):
        _freshness()
        st.toggle("Live", value=True, key="live", bind="query-params", help=LIVE_HELP)
        _clock_choice()
    _notices()
    with left:
        line = st.container(horizontal=True, vertical_alignment="center", key="time-range")
    with line:
        _range_choice()
    is_ranged = page in window.PAGES
    if not is_ranged:
        st.html(WITHOUT_RANGE)
    st.session_state["beside freshness"] = line if is_ranged else left


WITHOUT_RANGE = "<style>div:has(> .st-key-time-range) { display: none; }</style>"
AGE_HELP = "When the newest collector run ended; older than 15 minutes is named as stale."
LIVE_HELP = "Draw the page anew when the collector has published newer data."


def beside_freshness() -> DeltaGenerator:
    """Return the place at the left of the line, behind the time range where there is one."""
    place: DeltaGenerator = st.session_state["beside freshness"]
    return place


def time_range() -> window.Window:
    """Return the chosen time range; it is in the URL as `range`, on every page the same."""
    return window.window(st.session_state.get("range"), now_us())


def _range_choice() -> None:
    st.segmented_control(
        "Time range",
        list(window.LENGTHS_US),
        default=window.DEFAULT,
        required=True,
        key="range",
        bind="query-params",
        label_visibility="collapsed",
    )


def _clock_choice() -> None:
    st.segmented_control(
        "Clock",
        zones.CHOICES,
        default=zones.UTC_LABEL,
        required=True,
        key="tz",
        bind="query-params",
        label_visibility="collapsed",
        help=None,
    )


@st.fragment(run_every=CHECK_EVERY_S)
def _freshness() -> None:
    """Draw the age of the data; draw the whole page anew when there is a newer snapshot."""
    try:
        _draw_freshness()
    except DashboardError:  # the page itself has said so; here it may be gone for a moment
        st.badge("database not readable", color="orange")


@st.fragment(run_every=CHECK_EVERY_S)
def _notices() -> None:
    """Draw a line for each thing that the page's numbers lack; nothing where they lack nothing."""
    with suppress(DashboardError):  # as above
        facts = data.row("freshness")
        for notice in [] if facts is None else freshness.freshness(facts, now_us()).notices:
            st.markdown(f":orange[:material/warning:] {escaped(notice, NOTICE_MAX)}")


def _draw_freshness() -> None:
    version = data.snapshot().version
    drawn = st.session_state.setdefault("drawn_version", version)
    if drawn != version and st.session_state.get("live", True):
        st.session_state["drawn_version"] = version
        st.rerun(scope="app")
    facts = data.row("freshness")
    if facts is None:
        return
    claims = freshness.freshness(facts, now_us())
    with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall", key="freshness"):
        st.badge(claims.age, color="orange" if claims.is_stale else "gray", help=AGE_HELP)
        st.badge(
            claims.coverage,
            color="orange" if claims.is_partial else "gray",
            help=freshness.coverage_detail(facts),
        )
        st.badge("list prices", color="gray", help=freshness.PRICES)
