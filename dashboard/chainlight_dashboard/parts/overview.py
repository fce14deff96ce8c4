"""The pieces of the overview: shapes, changes, failed and slow chains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import streamlit as st

from chainlight_dashboard import tables
from chainlight_dashboard.palette import palette
from chainlight_dashboard.parts import links
from chainlight_dashboard.tables import Rows
from chainlight_dashboard.views import columns, dots, shapes

if TYPE_CHECKING:
    import pandas as pd

    from chainlight_dashboard.views.cards import Card
    from chainlight_dashboard.views.zones import Zone

TABLE_HEIGHT = 212
CHART_HEIGHT = 232
CARDS_HEIGHT = 500


def alerts(claims: list[tuple[str, str]]) -> None:
    """Draw one badge per crossed threshold."""
    for badge, explanation in claims:
        st.badge(badge, icon=":material/notifications:", color="orange", help=explanation)


def shape_table(rows: pd.DataFrame) -> None:
    """Draw the shapes, most money burnt waiting first, each a link to its page."""
    shown = shapes.shape_table(rows)
    idle, cost = shown["idle_usd"], shown["cost_usd"]
    end = shapes.bar_end(idle)
    named = {
        "shape": columns.words(shapes.heading(rows["shape"]), 206),
        "idle_usd": columns.bar(
            "Paid idle / month", 128, shapes.money_format(idle), end=end, hue="blue"
        ),
        "idle_share": columns.number("of its cost", 76, "%.0f %%"),
        "cost_usd": columns.number("Cost / month", 94, shapes.money_format(cost)),
        "runs": columns.number("Runs", 56),
        "failed": columns.number("Failed", 66, "%.1f %%"),
        "p95_s": columns.number("p95", 72, "%.1f s"),
        "course": columns.course("Latest runs", 84, "%.1f s"),
        "retries": columns.number("Retries / run", 92, "%.2f"),
    }
    ids = [str(shape_id) for shape_id in rows["shape_id"]]
    tables.table(
        shown,
        named,
        key="shapes",
        label="Shapes by money burnt waiting",
        rows=Rows("shape", ids, [links.to("shape", id=one) for one in ids]),
        height_max=TABLE_HEIGHT,
    )


def card(shown: Card) -> None:
    """Draw one change: what, how much, why, and the arithmetic on demand."""
    with st.container(border=True, gap=None):
        st.markdown(f"{shown.title} :{shown.hue}-badge[{shown.badge}]")
        with st.expander(shown.reason, type="compact"):
            st.text(shown.arithmetic)
            st.caption("What would make this wrong")
            st.text(shown.counter_evidence)


def failed_link() -> None:
    """Draw the way to the failed chains as a list: the keyboard cannot reach a dot."""
    st.page_link(
        "screens/chains.py",
        label="Failed ones as a list",
        icon=":material/list:",
        query_params={"mark": "failed"},
    )


def scatter(rows: pd.DataFrame, zone: Zone) -> str | None:
    """Draw failed and slow chains over all others; return the id of a clicked one."""
    state = st.altair_chart(
        _scatter(dots.dots(rows, zone), zone),
        height=CHART_HEIGHT,
        key="dots",
        on_select="rerun",
        alt="Chains by start and wall time; failed ones are crosses, slow ones are rings",
    )
    return dots.picked(state)


def _scatter(points: pd.DataFrame, zone: Zone) -> alt.Chart:
    colours = palette(st.context.theme.type)
    marks = ["failed", "slow", "other"]
    by_mark = {"legend": None, "sort": marks}
    hues = alt.Scale(domain=marks, range=[colours.trouble, colours.ink, colours.faint])
    forms = alt.Scale(domain=marks, range=["cross", "diamond", "circle"])
    chart = alt.Chart(points, padding={"left": 0, "right": 8, "top": 6, "bottom": 0})
    return (
        chart.mark_point(filled=True, opacity=0.9)
        .encode(
            x=alt.X("started:T", title=None, scale=alt.Scale(type="utc"), axis=_time_axis(points)),
            y=alt.Y("wall_s:Q", title="wall time, s", scale=_log_scale(), axis=_log_axis()),
            color=alt.Color("mark:N", scale=hues, **by_mark),
            shape=alt.Shape("mark:N", scale=forms, **by_mark),
            size=alt.Size("size:Q", scale=None, legend=None),
            tooltip=_tooltip(zone),
        )
        .add_params(alt.selection_point(name="dot", fields=["chain_id"]))
    )


def _time_axis(points: pd.DataFrame) -> alt.Axis:
    return alt.Axis(grid=False, tickCount=8, labelOverlap=True, format=dots.time_format(points))


def _log_scale() -> alt.Scale:
    return alt.Scale(type="log", nice=False, padding=12)


def _log_axis() -> alt.Axis:
    return alt.Axis(values=dots.DECADES_S, format="~g", gridOpacity=0.6)


def _tooltip(zone: Zone) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("entry:N", title="entry"),
        alt.Tooltip("wall:N", title="wall time"),
        alt.Tooltip("cost:N", title="cost"),
        alt.Tooltip("at:N", title=f"started, {zone.label}"),
        alt.Tooltip("chain_id:N", title="chain"),
    ]
