"""Functions: how each does, what it costs, how much of its memory it uses, where its events go."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import functions, states
from chainlight_dashboard.parts.header import time_range
from chainlight_dashboard.parts.numbers import heading
from chainlight_dashboard.views import functions as views

window = time_range()
text = functions.search()
wanted = {**window.bounds, "text": text}
found = data.frame("functions_table", **wanted)
if found.empty:
    states.nothing(
        "No function matches" if text else "No function is known yet",
        "Clear the search."
        if text
        else "The collector lists the functions of the account; `chainlight collect` runs it once.",
    )
    st.stop()
heading(
    f"**{views.summary(found)}**; a row lists its function's chains", {"functions_table": wanted}
)
functions.table(found)
