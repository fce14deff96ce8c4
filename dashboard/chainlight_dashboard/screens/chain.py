"""Chain: the verdict in one paragraph, the waterfall, and the numbers of the selected row."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import chain, states
from chainlight_dashboard.parts.header import beside_freshness
from chainlight_dashboard.parts.numbers import show_sql
from chainlight_dashboard.views.detail import detail
from chainlight_dashboard.views.plain import escaped
from chainlight_dashboard.views.rows_table import row_of

place = beside_freshness()
chain_id = st.query_params.get("id", "")
about = data.row("chain_header", chain_id=chain_id)
if about is None:
    states.nothing(
        "This chain is not in the data" if chain_id else "No chain is chosen",
        f"Nothing is known of the id {escaped(chain_id)}. It may be older than what is kept, or "
        "not collected yet. Choose one from the list."
        if chain_id
        else "Choose one from the list.",
    )
    st.page_link("screens/chains.py", label="All chains")
    st.stop()

rows = data.frame("chain_rows", chain_id=chain_id)
segments = data.frame("chain_segments", chain_id=chain_id)
attempts = data.frame("chain_attempts", chain_id=chain_id)
calls = data.frame("chain_calls", chain_id=chain_id)
letters = data.frame("chain_dead_letters", chain_id=chain_id)

with place:
    chain.title(about)
chain.verdict(about, rows, letters)
picture, table, raw = st.tabs(["Waterfall", "Table", "Raw rows"])
with picture:
    if rows.empty:
        states.nothing("No log of this chain has arrived", "The collector fetches it on its way.")
    else:
        main, panel = st.columns([3, 1], gap="small")
        with main:
            selected = chain.waterfall_of(chain_id, rows, segments)
            shown = detail(row_of(rows, selected), attempts, calls)
            chain.below(shown)
        with panel:
            chain.panel(shown)
with table:
    chain.table(rows)
with raw:
    chain.raw({"attempts": attempts, "calls": calls, "dead letters": letters})
show_sql(
    {
        name: {"chain_id": chain_id}
        for name in ("chain_header", "chain_rows", "chain_segments", "chain_attempts")
    }
)
