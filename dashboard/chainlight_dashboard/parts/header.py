"""The line at the top of a page: its title or time range, how old the data is, and the clock."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.errors import DashboardError
from chainlight_dashboard.views import freshness, window, zones

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

CHECK_EVERY_S = float(os.environ.get("CHAINLIGHT_REFRESH_S", "15"))


def now_us() -> int:
    """Return the present in epoch microseconds."""
    return time.time_ns() // 1_000


def zone() -> zones.Zone:
    """Return the clock that the reader chose; it is in the URL as `tz`."""
    return zones.zone(st.session_state.get("tz"), st.context.timezone)


def beside_freshness() -> DeltaGenerator:
    """Draw how old the data is at the right and return the place at the left of it."""
    data.snapshot()  # raises here, where the page can say so: a fragment's errors stay inside it
    left, right = st.columns([1.5, 1], vertical_alignment="center")
    with (
        right,
        st.container(
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            gap="small",
        ),
    ):
        _freshness()
        st.toggle("Live", value=True, key="live", bind="query-params", help=LIVE_HELP)
        _clock_choice()
    return left


LIVE_HELP = "Draw the page anew when the collector has published newer data."


def header_with_window() -> window.Window:
    """Draw time range and freshness; return the range, which is in the URL as `range`."""
    with beside_freshness():
        return time_range()


def time_range() -> window.Window:
    """Draw the time range and return it; it is in the URL as `range`, on every page the same."""
    label = st.segmented_control(
        "Time range",
        list(window.LENGTHS_US),
        default=window.DEFAULT,
        required=True,
        key="range",
        bind="query-params",
        label_visibility="collapsed",
    )
    return window.window(label, now_us())


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
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", width="content"):
        st.badge(claims.age, color="orange" if claims.is_stale else "gray", help=claims.advice)
        st.badge(
            claims.coverage,
            color="orange" if claims.is_partial else "gray",
            help=freshness.coverage_detail(facts),
        )
        st.badge("list prices", color="gray", help=freshness.PRICES)
