"""Functions: how each does, what it costs, how much of its memory it uses, where its events go."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import functions, states
from chainlight_dashboard.parts.header import header_with_window
from chainlight_dashboard.parts.numbers import heading
from chainlight_dashboard.views import functions as views

window = header_with_window()
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
    f"**{views.summary(found)}**; a click lists a function's chains", {"functions_table": wanted}
)
chosen = functions.table(found)
if chosen is not None:
    name = str(found.iloc[chosen].function_name)
    st.switch_page("screens/chains.py", query_params={"find": name})
