"""The pieces of the Shape page: tiles, graph, histogram, attempts, last week, examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import streamlit as st

from chainlight_dashboard import tables
from chainlight_dashboard.palette import palette
from chainlight_dashboard.parts import links
from chainlight_dashboard.views import columns, graph, shape, shapes
from chainlight_dashboard.views.plain import escaped

if TYPE_CHECKING:
    import pandas as pd

    from chainlight_dashboard.views.zones import Zone

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
    named = {
        "step": columns.words("Attempt", 130),
        "count": columns.bar("Executions", 180, end=shapes.bar_end(shown["count"])),
        "failed": columns.number("Failed", 80),
    }
    tables.table(shown, named, key="funnel", label="Attempts by number", is_sortable=False)


def weeks(rows: pd.DataFrame) -> None:
    """Draw this week beside last week."""
    names = {"measure": "Measure", "this week": "This week", "last week": "Last week",
             "change": "Change"}  # fmt: skip
    tables.table(
        shape.weeks(rows),
        {name: columns.words(title) for name, title in names.items()},
        key="weeks",
        label="This week against last week",
        is_sortable=False,
    )


def examples(rows: pd.DataFrame, zone: Zone) -> None:
    """Draw the chains worth a look, each a link to its waterfall."""
    named = {
        "example": columns.words("Example"),
        "started": columns.words(f"Started, {zone.label}"),
        "wall": columns.words("Wall"),
        "cost": columns.words("Cost"),
        "idle": columns.words("Paid idle"),
        "status": columns.words("Status"),
    }
    tables.table(
        shape.examples(rows, zone),
        named,
        key="examples",
        label="Chains of this shape that are worth a look",
        rows=links.chains(rows["chain_id"], "example"),
        height_max=TABLE_HEIGHT,
        is_sortable=False,
    )


def steps(rows: pd.DataFrame) -> None:
    """Draw cost by edge."""
    named = {
        "step": columns.words("Edge"), "by": columns.words("by"), "runs": columns.number("Runs"),
        "failed": columns.number("Failed"), "retried": columns.number("Retried"),
        "p50": columns.words("p50"), "p95": columns.words("p95"),
        "queued": columns.words("Queued p95"), "own_usd": columns.words("Cost of its runs"),
        "wait_usd": columns.words("Caller's paid wait"),
    }  # fmt: skip
    tables.table(
        shape.step_table(rows),
        named,
        key="steps",
        label="Steps of the shape with their times and money",
        is_sortable=False,
    )
