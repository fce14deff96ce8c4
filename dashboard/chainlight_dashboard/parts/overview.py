"""The pieces of the overview: shapes, changes, failed and slow chains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import streamlit as st

from chainlight_dashboard.palette import palette
from chainlight_dashboard.parts.numbers import clicked_row
from chainlight_dashboard.views import dots, shapes

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


def shape_table(rows: pd.DataFrame) -> int | None:
    """Draw the shapes, most money burnt waiting first; return the position of a clicked one."""
    table = shapes.shape_table(rows)
    config = st.column_config
    columns = {
        "shape": config.TextColumn(shapes.heading(rows["shape"]), width=262),
        "idle_usd": config.ProgressColumn(
            "Paid idle / month",
            format=shapes.money_format(table["idle_usd"]),
            min_value=0,
            max_value=shapes.bar_end(table["idle_usd"]),
            color="blue",
            width=120,
        ),
        "idle_share": config.NumberColumn("of its cost", format="%.0f %%", width=74),
        "cost_usd": config.NumberColumn(
            "Cost / month", format=shapes.money_format(table["cost_usd"]), width=88
        ),
        "runs": config.NumberColumn("Runs", format="localized", width=54),
        "failed": config.NumberColumn("Failed", format="%.1f %%", width=60),
        "p95_s": config.NumberColumn("p95", format="%.1f s", width=68),
        "course": config.LineChartColumn("Latest runs, s", color="gray", width=92),
        "retries": config.NumberColumn("Retries / run", format="%.2f", width=78),
    }
    return clicked_row(
        table, columns, key="shapes", height_max=TABLE_HEIGHT, alt="Shapes by money burnt waiting"
    )


def card(shown: Card) -> None:
    """Draw one change: what, how much, why, and the arithmetic on demand."""
    with st.container(border=True, gap=None):
        st.markdown(f"{shown.title} :{shown.hue}-badge[{shown.badge}]")
        with st.expander(shown.reason, type="compact"):
            st.text(shown.arithmetic)
            st.caption("What would make this wrong")
            st.text(shown.counter_evidence)


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
