"""Addresses inside the dashboard: each state of a page is one, and each visit one entry of history.

Streamlit's own way from Python to another page leaves the old page in the history with the new
page's query. Links of tables and `open_page` let the browser go instead; see `navigate.js`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from chainlight_dashboard.tables import Rows
from chainlight_dashboard.views import units

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamlit.components.v2.types import ComponentRenderer

KEPT = ("tz", "live", "range")
"""What the header chose for every page, so every link takes it along."""


def to(page: str, **named: str) -> str:
    """Return the address of a page below this dashboard's, with what the header chose."""
    kept = [(name, value) for name in KEPT for value in st.query_params.get_all(name)]
    return f"{page}?{urlencode([*named.items(), *kept])}"


def here(**named: str) -> str:
    """Return this page's address with some of its parameters set anew."""
    kept = [(n, v) for n in st.query_params for v in st.query_params.get_all(n) if n not in named]
    return f"?{urlencode([*kept, *named.items()])}"


def chains(chain_ids: Iterable[object], link: str) -> Rows:
    """Return rows that lead to chains; one whose chain is unknown leads nowhere."""
    ids = [None if units.is_unknown(one) else str(one) for one in chain_ids]
    return Rows(
        link, [one or "unknown" for one in ids], [one and to("chain", id=one) for one in ids]
    )


def open_page(address: str, key: str) -> None:
    """Let the browser go to an address, once for each time that it is named anew by `key`."""
    turn = st.session_state[f"{key} turn"] = st.session_state.get(f"{key} turn", 0) + 1
    _go()(key=f"unseen-{key}", data={"href": address, "turn": f"{key} {turn}"})


def let_tab_leave_tables() -> None:
    """Let the Tab key leave streamlit's own tables, which else take it from cell to cell."""
    _leave()(key="unseen-leave")


@cache
def _leave() -> ComponentRenderer:
    return st.components.v2.component("chainlight-dashboard.leave", js="leave.js")


@cache
def _go() -> ComponentRenderer:
    return st.components.v2.component("chainlight-dashboard.go", js="go.js")
