"""The pieces of the Shape page: tiles, graph, histogram, attempts, last week, examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import streamlit as st

from chainlight_dashboard.palette import palette
from chainlight_dashboard.parts.numbers import clicked_row
from chainlight_dashboard.views import graph, shape, shapes
from chainlight_dashboard.views.plain import escaped

if TYPE_CHECKING:
    import pandas as pd

    from chainlight_dashboard.views.zones import Zone

CHAINS_MAX = 500
CHART_HEIGHT = 190
TABLE_HEIGHT = 420


def title(about: pd.Series) -> None:
    """Draw the shape's path, without what all its functions' names share."""
    (path,), _ = shapes.short_shapes([about["shape"]])
    st.markdown(f"### {escaped(path, 220)}", anchors=False)


def chains_link(shape_id: str) -> None:
    """Draw the link to the list of this shape's chains."""
    st.page_link(
        "screens/chains.py",
        label="All chains of this shape",
        icon=":material/list:",
        query_params={"shape": shape_id},
    )


def topology(steps: pd.DataFrame) -> None:
    """Draw who calls whom, with numbers on nodes and edges."""
    source = graph.dot(steps, palette(st.context.theme.type))
    st.graphviz_chart(
        source, width="stretch", alt="Graph of the calls; the table below has its numbers"
    )


def histogram(walls: pd.DataFrame) -> None:
    """Draw how long the chains took, failed ones in orange."""
    colours = palette(st.context.theme.type)
    bars = shape.wall_bars(walls)
    outcome = alt.Color(
        "outcome:N",
        legend=None,
        scale=alt.Scale(domain=["ok", "failed"], range=[colours.faint, colours.trouble]),
    )
    chart = (
        alt.Chart(bars)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("from_s:Q", title="wall time, s", scale=alt.Scale(type="log", padding=8),
                    axis=alt.Axis(format="~g", grid=False, tickCount=6)),
            x2="to_s:Q",
            y=alt.Y("chains:Q", title="chains", stack="zero", axis=alt.Axis(tickMinStep=1)),
            color=outcome,
            order=alt.Order("outcome:N", sort="descending"),
            tooltip=[alt.Tooltip("between:N", title="wall time"), "outcome:N", "chains:Q"],
        )
    )  # fmt: skip
    st.altair_chart(
        chart, height=CHART_HEIGHT, alt="Histogram of wall times; failed chains in orange"
    )


def funnel(rows: pd.DataFrame) -> None:
    """Draw how many attempts there were of each number, and how many letters died."""
    shown = shape.funnel(rows)
    config = st.column_config
    most = max(1, int(shown["count"].max())) if len(shown) else 1
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "step": "Attempt",
            "count": config.ProgressColumn(
                "Executions", format="localized", min_value=0, max_value=most, color="gray"
            ),
            "failed": config.NumberColumn("Failed", format="localized"),
        },
        alt="Attempts by number",
    )


def weeks(rows: pd.DataFrame) -> None:
    """Draw this week beside last week."""
    st.dataframe(
        shape.weeks(rows),
        hide_index=True,
        column_config={"measure": "Measure", "this week": "This week", "last week": "Last week",
                       "change": "Change"},
        alt="This week against last week",
    )  # fmt: skip


def examples(rows: pd.DataFrame, zone: Zone) -> int | None:
    """Draw the chains worth a look; return the position of the clicked one."""
    config = st.column_config
    columns = {
        "example": config.TextColumn("Example"),
        "started": config.TextColumn(f"Started, {zone.label}"),
        "wall": config.TextColumn("Wall"),
        "cost": config.TextColumn("Cost"),
        "idle": config.TextColumn("Paid idle"),
        "status": config.TextColumn("Status"),
    }
    return clicked_row(
        shape.examples(rows, zone), columns, key="examples", height_max=TABLE_HEIGHT, alt="Examples"
    )


def steps(rows: pd.DataFrame) -> None:
    """Draw cost by edge."""
    st.dataframe(
        shape.step_table(rows),
        hide_index=True,
        placeholder="unknown",
        column_config={
            "step": "Edge", "by": "by", "runs": "Runs", "failed": "Failed", "retried": "Retried",
            "p50": "p50", "p95": "p95", "queued": "Queued p95", "own_usd": "Cost of its runs",
            "wait_usd": "Caller's paid wait",
        },
        alt="Steps of the shape with their times and money",
    )  # fmt: skip
