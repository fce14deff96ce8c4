"""The pieces of the Waiting page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import tables
from chainlight_dashboard.parts import links
from chainlight_dashboard.tables import Rows
from chainlight_dashboard.views import columns, shapes, waiting
from chainlight_dashboard.views.plain import escaped

if TYPE_CHECKING:
    import pandas as pd

TABLE_HEIGHT = 560


def filters() -> tuple[str | None, bool]:
    """Draw search and "all edges", in the URL as `call` and `all`; return text and choice."""
    with st.container(horizontal=True, vertical_alignment="center"):
        text = st.text_input(
            "Find a caller or callee",
            key="call",
            bind="query-params",
            placeholder="Caller or callee",
            label_visibility="collapsed",
            width=260,
        )
        is_all = st.toggle("Edges that cost no wait too", key="all", bind="query-params")
    return text or None, is_all


def table(edges: pd.DataFrame, findings: pd.DataFrame, selected: str) -> None:
    """Draw the edges, most money burnt first, each a link to its advice beside the table."""
    shown = waiting.edge_table(edges, findings)
    idle, end = shapes.money_format(shown["idle_usd"]), shapes.bar_end(shown["idle_usd"])
    named = {
        "caller": columns.words("Caller pays", 132),
        "callee": columns.words("for", 136),
        "by": columns.words("by", 92),
        "idle_usd": columns.bar("Paid idle / month", 118, idle, end=end, hue="blue"),
        "calls": columns.number("Calls", 58),
        "wait_p50_s": columns.number("Wait p50", 72, "%.2f s"),
        "wait_p95_s": columns.number("Wait p95", 72, "%.2f s"),
        "failed": columns.number("Failed", 58, "%.0f %%"),
        "read": columns.number("Read", 72, "%.0f %%"),
        "advice": columns.words("Advice", 128),
    }
    idents = waiting.idents(edges)
    tables.table(
        shown,
        named,
        key="edges",
        label="Edges by money burnt waiting",
        rows=Rows("caller", idents, [links.here(edge=ident) for ident in idents], selected),
        height_max=TABLE_HEIGHT,
    )


def what_if(row: pd.Series | None) -> None:
    """Draw what the edge would cost if it were done another way."""
    lines = waiting.what_if(row)
    if lines.empty:
        st.caption("Nothing to compare with: only awaited calls have other ways.")
        return
    tables.table(
        lines,
        {"way": columns.words("What if"), "saving": columns.words("A month")},
        key="ways",
        label="What other ways to make this call would save",
        is_sortable=False,
    )


def judgement(edge: pd.Series, findings: pd.DataFrame) -> None:
    """Draw what the decision tree says of one edge, with the arithmetic."""
    caller, callee = escaped(edge.caller_function), escaped(edge.callee_function)
    with st.container(border=True, gap="small"):
        st.markdown(f"**{caller}** → **{callee}**")
        found = waiting.judgements(edge, findings)
        for one in found:
            st.markdown(one.title)
            st.text(one.arithmetic)
            st.caption("What would make this wrong")
            st.text(one.counter_evidence)
        if not found:
            st.caption("No rule has judged this edge yet: it has too few calls, or no callee.")
