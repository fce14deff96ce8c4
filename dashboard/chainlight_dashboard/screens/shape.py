"""Shape: all chains of one path: where time and money go, how it fails, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import shape, states
from chainlight_dashboard.parts.header import time_range, zone
from chainlight_dashboard.parts.numbers import behind, heading, tiles
from chainlight_dashboard.views import shape as views
from chainlight_dashboard.views.plain import escaped
from chainlight_dashboard.views.questions import SHAPE_CHAINS_MAX

if TYPE_CHECKING:
    from chainlight_dashboard.catalog import Value

window = time_range()
shape_id = st.query_params.get("id", "")
scope: dict[str, Value] = {**window.bounds, "shape_id": shape_id}
newest: dict[str, Value] = {**scope, "chains_max": SHAPE_CHAINS_MAX}
own: dict[str, Value] = {"shape_id": shape_id}
about = data.row("shape_header", **scope)
if about is None:
    states.nothing_here(
        "No chain has this shape here",
        f"Nothing of the shape {escaped(shape_id)} started in the last {window.label}: choose a "
        "longer time range, or another shape on Overview.",
    )
    st.page_link("screens/overview.py", label="All shapes")
    st.stop()

shape.title(about)
tiles(views.tiles(about))
with st.container(horizontal=True, vertical_alignment="center"):
    shape.chains_link(shape_id)
    behind({"shape_header": scope})
steps = data.frame("shape_edges", **newest)
left, right = st.columns([1.75, 1], gap="medium")
with left:
    heading("**Who calls whom**: solid edges wait, blue ones pay for it", {"shape_edges": newest})
    shape.topology(steps)
with right:
    heading("**This week** against last week", {"shape_weeks": own})
    shape.weeks(data.frame("shape_weeks", **own))
    heading("**Attempts**: how many tries it took", {"shape_funnel": newest})
    shape.funnel(data.frame("shape_funnel", **newest))
shape.steps(steps)
left, right = st.columns(2, gap="medium")
with left:
    heading("**Wall times**: :orange[failed] on top of the others", {"shape_walls": scope})
    shape.histogram(data.frame("shape_walls", **scope))
with right:
    heading("**Examples**; a row opens its waterfall", {"shape_examples": scope})
    found = data.frame("shape_examples", **scope)
    shape.examples(found, zone())
