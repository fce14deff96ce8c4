"""Waiting: who pays for whom, how much a month, and what the decision tree advises."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import states, waiting
from chainlight_dashboard.parts.header import time_range
from chainlight_dashboard.parts.numbers import heading
from chainlight_dashboard.views import waiting as views

window = time_range()
text, is_all = waiting.filters()
wanted = {**window.bounds, "text": text, "is_waiting_only": not is_all}
edges = data.frame("waiting_edges", **wanted)
findings = data.frame("findings")
if edges.empty:
    states.nothing_here(
        "No call matches" if text else "No paid wait is known",
        "Waits are known of functions with the layer, and of functions traced by X-Ray. "
        "Choose a longer time range, clear the search, or show edges that cost no wait too.",
    )
    st.stop()
position = views.chosen(edges, st.query_params.get("edge"))
left, right = st.columns([2.75, 1], gap="medium")
with left:
    heading(views.summary(edges), {"waiting_edges": wanted})
    waiting.table(edges, findings, views.idents(edges)[position])
with right:
    heading("**Advice** for the chosen row", {"findings": {}})
    edge = edges.iloc[position]
    waiting.judgement(edge, findings)
    ways = {"caller": edge.caller_function, "callee": edge.callee_function, "kind": edge.kind}
    heading("**What if** it were done another way", {"edge_what_if": ways})
    waiting.what_if(data.row("edge_what_if", **ways))
