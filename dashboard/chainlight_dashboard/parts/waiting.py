"""The pieces of the Waiting page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard.parts.numbers import clicked_row
from chainlight_dashboard.views import shapes, waiting
from chainlight_dashboard.views.plain import escaped

if TYPE_CHECKING:
    import pandas as pd

TABLE_HEIGHT = 560


def filters() -> tuple[str | None, bool]:
    """Draw search and "all edges", both in the URL; return the text and whether all are wanted."""
    with st.container(horizontal=True, vertical_alignment="center"):
        text = st.text_input(
            "Find a caller or callee",
            key="find",
            bind="query-params",
            placeholder="Caller or callee",
            label_visibility="collapsed",
            width=260,
        )
        is_all = st.toggle("Edges that cost no wait too", key="all", bind="query-params")
    return text or None, is_all


def table(edges: pd.DataFrame, findings: pd.DataFrame) -> int | None:
    """Draw the edges, most money burnt first; return the position of the clicked one."""
    shown = waiting.edge_table(edges, findings)
    config = st.column_config
    columns = {
        "caller": config.TextColumn("Caller pays", width=140),
        "callee": config.TextColumn("for", width=140),
        "by": config.TextColumn("by", width=86),
        "idle_usd": config.ProgressColumn(
            "Paid idle / month",
            format=shapes.money_format(shown["idle_usd"]),
            min_value=0,
            max_value=shapes.bar_end(shown["idle_usd"]),
            color="blue",
            width=122,
        ),
        "calls": config.NumberColumn("Calls", format="localized", width=52),
        "wait_p50_s": config.NumberColumn("Wait p50", format="%.2f s", width=72),
        "wait_p95_s": config.NumberColumn("Wait p95", format="%.2f s", width=72),
        "failed": config.NumberColumn("Failed", format="%.0f %%", width=56),
        "read": config.NumberColumn("Read", format="%.0f %%", width=56),
        "advice": config.TextColumn("Advice", width=136),
    }
    return clicked_row(
        shown, columns, key="edges", height_max=TABLE_HEIGHT, alt="Edges by money burnt waiting"
    )


def what_if(row: pd.Series | None) -> None:
    """Draw what the edge would cost if it were done another way."""
    lines = waiting.what_if(row)
    if lines.empty:
        st.caption("Nothing to compare with: only awaited calls have other ways.")
        return
    st.dataframe(
        lines,
        hide_index=True,
        column_config={"way": "What if", "saving": "A month"},
        alt="What other ways to make this call would save",
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
