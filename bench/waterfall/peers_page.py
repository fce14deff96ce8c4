"""The same rows as bars of plotly or altair, on a page of Streamlit: `?by=plotly&id=…`.

Both are given what a user would write: a bar per segment, a colour per kind, a window of as many
rows as the waterfall shows, and moving by drag and wheel.
"""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data

ROWS_IN_VIEW = 22
COLOURS = {
    "queued": "#b9bec7",
    "service": "#b9bec7",
    "cold": "#a9cbe4",
    "run": "#2a7ab5",
    "idle": "#cfe3f2",
    "error": "#c94f00",
    "backoff": "#fbe3d3",
}
HEIGHT = 640


def main() -> None:
    """Draw the chart that the address names."""
    st.set_page_config(layout="wide")
    chain_id = st.query_params["id"]
    rows = data.frame("chain_rows", chain_id=chain_id)
    bars = data.frame("chain_segments", chain_id=chain_id)[
        ["row", "kind", "started_us", "ended_us"]
    ]
    begin_us = bars["started_us"].min()
    bars = bars.assign(
        t0=(bars["started_us"] - begin_us) / 1000, t1=(bars["ended_us"] - begin_us) / 1000
    ).merge(rows[["row", "function_name"]], on="row")
    {"plotly": _plotly, "altair": _altair}[st.query_params["by"]](bars)


def _plotly(bars: object) -> None:
    import plotly.graph_objects as go

    figure = go.Figure(
        [
            go.Bar(
                name=kind,
                orientation="h",
                y=own["row"],
                base=own["t0"],
                x=own["t1"] - own["t0"],
                marker_color=COLOURS[kind],
                hovertext=own["function_name"],
            )
            for kind, own in bars.groupby("kind")
        ]
    )
    figure.update_layout(barmode="overlay", dragmode="pan", height=HEIGHT)
    figure.update_yaxes(range=[ROWS_IN_VIEW, -1])
    st.plotly_chart(figure, config={"scrollZoom": True})


def _altair(bars: object) -> None:
    import altair as alt

    alt.data_transformers.disable_max_rows()
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    chart = (
        alt.Chart(bars.assign(bottom=bars["row"] + 0.7))
        .mark_rect(clip=True)
        .encode(
            x=alt.X("t0:Q", title="ms"),
            x2="t1:Q",
            y=alt.Y("row:Q", scale=alt.Scale(domain=[ROWS_IN_VIEW, -1])),
            y2="bottom:Q",
            color=alt.Color("kind:N", scale=scale),
            tooltip=["function_name", "kind", "t0", "t1"],
        )
        .interactive()
    )
    st.altair_chart(chart.properties(height=HEIGHT))


main()
