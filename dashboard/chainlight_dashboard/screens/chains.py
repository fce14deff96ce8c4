"""Chains: the list, filtered by pills, text, condition and shape; a row opens its waterfall."""

from __future__ import annotations

from functools import partial

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.errors import QueryRefusedError, QueryStoppedError
from chainlight_dashboard.parts import chains, console, states
from chainlight_dashboard.parts.header import time_range, zone
from chainlight_dashboard.parts.numbers import heading
from chainlight_dashboard.views import chain_table
from chainlight_dashboard.views.condition import condition
from chainlight_dashboard.views.questions import CHAINS_MAX, chain_scope

window = time_range()
place, text = chains.filter_bar()
where = condition(text)
try:
    ids = None if where is None else data.chains_where(where)
except (QueryRefusedError, QueryStoppedError) as error:
    console.refused("This condition does not run", error)
    st.stop()

shape_id = st.query_params.get("shape")
scope = {**chain_scope(window, shape_id, text if where is None else None), "chain_ids": ids}
counts = data.row("chain_counts", **scope)
if counts is None:
    st.stop()

with place:
    tags = chains.tag_pills(counts)
wanted = {**scope, "tags": tags, "rows_max": CHAINS_MAX}
found = data.frame("chain_list", **wanted)
if found.empty:
    states.nothing_here(
        "No chain matches",
        f"Nothing in the last {window.label} has all of the chosen marks: "
        "remove one, clear the search, or choose a longer time range.",
    )
else:
    heading(
        f"{chain_table.shown(found, counts)}; a row opens its waterfall",
        {"chain_list": wanted, "chain_counts": scope},
        partial(chains.compare_link, found),
    )
    chains.table(found, zone())
