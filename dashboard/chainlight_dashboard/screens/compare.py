"""Compare: two chains, or a chain with the typical run of its shape: time, path and money."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import chain, compare, states
from chainlight_dashboard.parts.header import beside_freshness
from chainlight_dashboard.parts.numbers import heading
from chainlight_dashboard.views.compare import chain_side, typical_side
from chainlight_dashboard.views.plain import escaped

with beside_freshness():
    st.markdown("## Compare", anchors=False)
left_id, right_id = compare.chosen()
abouts = {one: data.row("chain_header", chain_id=one) for one in (left_id, right_id) if one}
missing = [one for one, about in abouts.items() if about is None]
if not left_id or missing:
    states.nothing(
        "These chains are not both in the data" if missing else "No chain is chosen",
        f"Nothing is known of {escaped(', '.join(missing))}."
        if missing
        else "Open a chain and press Compare, or write its id above.",
    )
    st.page_link("screens/chains.py", label="All chains")
    st.stop()

typical = data.frame("typical_rows", chain_id=left_id)
pictures = {one: chain.frames(one) for one in abouts}
left = chain_side("the left one", abouts[left_id], pictures[left_id].rows)
right = (
    chain_side("the right one", abouts[right_id], pictures[right_id].rows)
    if right_id
    else typical_side(typical)
)
if right.rows.empty:
    states.nothing("There is no typical run yet", "No other chain of this shape ended well.")
    st.stop()

compare.verdict(left, right)
totals, rows = st.columns([1, 1.7], gap="medium")
with totals:
    heading("**Totals**", {"chain_header": {"chain_id": left_id}})
    compare.totals(left, right)
with rows:
    heading("**Rows**, largest difference first", {"typical_rows": {"chain_id": left_id}})
    compare.rows(left, right)
for side, one in (("Left", left_id), ("Right", right_id)):
    if one:
        st.markdown(f"**{side}**: {escaped(one, 120)}")
        chain.small_waterfall(side, one, pictures[one], typical)
