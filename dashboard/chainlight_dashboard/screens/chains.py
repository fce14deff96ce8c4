"""Chains: the list, filtered by pills, text and shape; a click opens the waterfall."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import chains, states
from chainlight_dashboard.parts.header import header_with_window, zone
from chainlight_dashboard.parts.numbers import heading
from chainlight_dashboard.views import chain_table

window = header_with_window()
place, text = chains.filter_bar()
scope = {**window.bounds, "shape_id": st.query_params.get("shape"), "text": text}
counts = data.row("chain_counts", **scope)
if counts is None:
    st.stop()

with place:
    tags = chains.tag_pills(counts)
wanted = {**scope, "tags": tags, "rows_max": chains.ROWS_MAX}
found = data.frame("chain_list", **wanted)
if found.empty:
    states.nothing(
        "No chain matches",
        f"Nothing in the last {window.label} has all of the chosen marks: "
        "remove one, clear the search, or choose a longer time range.",
    )
else:
    heading(
        f"{chain_table.shown(found, counts)}; a click opens the waterfall",
        {"chain_list": wanted, "chain_counts": scope},
    )
    chosen = chains.table(found, zone())
    if chosen is not None:
        chain_id = str(found.iloc[chosen].chain_id)
        st.switch_page("screens/chain.py", query_params={"id": chain_id})
