"""Overview: slow, failed, money, dead letters and what to change, at one glance."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import overview, states
from chainlight_dashboard.parts.header import header_with_window, now_us
from chainlight_dashboard.parts.numbers import show_sql, tiles
from chainlight_dashboard.views import cards, units
from chainlight_dashboard.views.tiles import overview_tiles

window = header_with_window()
totals = data.row("overview_totals", **window.bounds)
before = data.row("overview_totals", **window.before)
dead = data.row("dead_letters_totals")
facts = data.row("freshness")
findings = data.frame("findings")

if totals is None or before is None or dead is None or not totals.chains_count:
    newest = None if facts is None else facts.newest_us
    if units.is_unknown(newest):
        states.nothing(
            "No chain has been collected yet",
            "Add the layer to a function, invoke it, then run `chainlight collect --since 1h`; "
            "or read exported logs with `chainlight import FILE`.",
        )
    else:
        states.nothing(
            f"No chain started in the last {window.label}",
            f"The newest one started at {units.instant(newest)} UTC: choose a longer time range.",
        )
    st.stop()

buckets = data.frame("overview_buckets", **window.bounds)
tiles(overview_tiles(totals, before, dead, buckets, now_us()))

left, right = st.columns([2.35, 1], gap="medium")
with left:
    shapes = data.frame("shapes", **window.bounds)
    st.markdown("**Shapes**, most money burnt waiting first")
    chosen = overview.shape_table(shapes)
    if chosen is not None:
        shape_id = str(shapes.iloc[chosen].shape_id)
        st.switch_page("screens/chains.py", query_params={"shape": shape_id})
    st.markdown(
        "**Failed and slow chains**: :orange[✚ failed]  ◆ slow  :gray[● other], UTC; "
        "a click opens the waterfall"
    )
    chain_id = overview.scatter(data.frame("chain_dots", **window.bounds))
    if chain_id:
        st.switch_page("screens/chain.py", query_params={"id": chain_id})
with right:
    st.markdown("**What to change**, most money first")
    with st.container(height=overview.CARDS_HEIGHT, border=False, gap="small"):
        for shown in cards.cards(findings):
            overview.card(shown)
        st.caption(cards.left_alone(findings) or "No edge has been judged yet.")

show_sql(
    {
        "overview_totals": window.bounds,
        "shapes": window.bounds,
        "chain_dots": window.bounds,
        "dead_letters_totals": {},
        "findings": {},
    }
)
