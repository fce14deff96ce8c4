"""Chain: the verdict in one paragraph, the waterfall, and the numbers of the selected row."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import chain, states
from chainlight_dashboard.parts.header import beside_freshness, zone
from chainlight_dashboard.parts.numbers import behind
from chainlight_dashboard.views.detail import detail
from chainlight_dashboard.views.logs import own_lines
from chainlight_dashboard.views.plain import escaped
from chainlight_dashboard.views.rows_table import row_of

place = beside_freshness()
chain_id = st.query_params.get("id", "")
key = {"chain_id": chain_id}
about = data.row("chain_header", **key)
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

with place:
    chain.title(about, zone())
shown = chain.frames(chain_id)
letters = data.frame("chain_dead_letters", **key)
chain.verdict(about, shown.rows, letters)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    chain.ways_out(about)
    behind(dict.fromkeys(("chain_header", "chain_rows", "chain_segments"), key))
picture, logs, graph, table, raw = st.tabs(
    chain.TABS, key="view", on_change="rerun", bind="query-params"
)
with picture:
    if shown.rows.empty:
        states.nothing("No log of this chain has arrived", "The collector fetches it on its way.")
    else:
        main, panel = st.columns([3, 1], gap="small")
        with main:  # the picture leaves first: the other queries take as long again
            typical = data.frame("typical_rows", **key)
            selected = row_of(shown.rows, chain.waterfall_of(chain_id, shown, typical))
            about_row = detail(
                selected,
                data.frame("chain_attempts", **key),
                data.frame("chain_calls", **key),
                chain_id,
            )
            chain.below(about_row)
        with panel:
            lines = data.frame("chain_logs", **key)
            chain.panel(about_row, own_lines(lines, selected.function_name, selected.request_id))
if logs.open:
    with logs:
        behind({"chain_logs": key})
        chain.log_lines(data.frame("chain_logs", **key), zone())
if graph.open:
    with graph:
        behind({"chain_steps": key})
        chain.topology(data.frame("chain_steps", **key))
if table.open:
    with table:
        chain.table(shown.rows)
if raw.open:
    with raw:
        asked = {"attempts": "chain_attempts", "calls": "chain_calls"}
        tables = {name: data.frame(query, **key) for name, query in asked.items()}
        chain.raw({**tables, "dead letters": letters})
