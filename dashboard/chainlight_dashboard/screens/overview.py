"""Overview: slow, failed, money, dead letters and what to change, at one glance."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import links, overview, states
from chainlight_dashboard.parts.header import beside_freshness, now_us, time_range, zone
from chainlight_dashboard.parts.numbers import behind, heading, tiles
from chainlight_dashboard.views import alerts, cards, units
from chainlight_dashboard.views.tiles import overview_tiles

window = time_range()
with beside_freshness():
    behind(
        {
            "overview_totals": window.bounds,
            "overview_buckets": window.bounds,
            "dead_letters_totals": {},
            "raised_alerts": {},
        }
    )
    overview.alerts(alerts.claims(data.frame("raised_alerts"), now_us()))
totals = data.row("overview_totals", **window.bounds)
before = data.row("overview_totals", **window.before)
dead = data.row("dead_letters_totals")
facts = data.row("freshness")
findings = data.frame("findings")

if totals is None or before is None or dead is None or not totals.chains_count:
    newest = units.instant(None if facts is None else facts.newest_us, zone().clock)
    states.nothing_here(
        f"No chain started in the last {window.label}",
        f"The newest one started at {newest} {zone().label}: choose a longer time range.",
    )
    st.stop()

buckets = data.frame("overview_buckets", **window.bounds)
tiles(overview_tiles(totals, before, dead, buckets, now_us()))

left, right = st.columns([2.35, 1], gap="medium")
with left:
    shapes = data.frame("shapes", **window.bounds)
    heading("**Shapes**, most money burnt waiting first", {"shapes": window.bounds})
    overview.shape_table(shapes)
    heading(
        "**Failed and slow chains**: :orange[✚ failed]  ◆ slow  :gray[● other], "
        f"{zone().label}; a click opens the waterfall",
        {"chain_dots": window.bounds},
        overview.failed_link,
    )
    chain_id = overview.scatter(data.frame("chain_dots", **window.bounds), zone())
    if chain_id:
        links.open_page(links.to("chain", id=chain_id), key="dot")
with right:
    heading("**What to change**, most money first", {"findings": {}})
    with st.container(height=overview.CARDS_HEIGHT, border=False, gap="small"):
        for shown in cards.cards(findings):
            overview.card(shown)
        st.caption(cards.left_alone(findings) or "No edge has been judged yet.")
