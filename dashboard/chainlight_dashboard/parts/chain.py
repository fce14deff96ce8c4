"""The pieces of one chain: title, verdict, waterfall, panel, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from chainlight_dashboard.views import rows_table, units
from chainlight_dashboard.views import verdict as verdicts
from chainlight_dashboard.views.plain import clipped, escaped
from chainlight_dashboard.waterfall import chain_view, waterfall

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from chainlight_dashboard.views.detail import Detail

ROWS_IN_VIEW = 8
TABLE_HEIGHT = 260


def title(about: pd.Series) -> None:
    """Draw the entry function's name, the chain id, its start and its badges on one line."""
    chain_id = clipped(about.chain_id, 120).replace("`", "'")
    badges = " ".join(f":{hue}-badge[{escaped(text)}]" for text, hue in verdicts.pills(about))
    started = escaped(f"{units.instant(about.started_us)} UTC")
    st.markdown(
        f"## {escaped(about.entry_function)} :small[`{chain_id}`] "
        f":small[:gray[{started}]] {badges}",
        anchors=False,
    )


def verdict(about: pd.Series, rows: pd.DataFrame, letters: pd.DataFrame) -> None:
    """Draw the paragraph that says what happened."""
    st.markdown(verdicts.verdict(about, rows, letters))


def waterfall_of(chain_id: str, rows: pd.DataFrame, segments: pd.DataFrame) -> int:
    """Draw the waterfall and return the selected row, which is in the URL as `row`."""
    first = rows_table.first_row(rows, st.query_params.get("row"))
    view = chain_view(rows, segments, chain_id=chain_id, selected=first)
    selected = waterfall(view, height="auto", key="waterfall")
    if selected is None:
        return first
    if selected != first:
        st.query_params["row"] = str(selected)
    return selected


def panel(shown: Detail) -> None:
    """Draw the numbers of the selected row."""
    with st.container(border=True, gap="small"):
        st.markdown(f"**{shown.title}**")
        st.caption(shown.subtitle)
        st.table(dict(shown.facts), border="horizontal", hide_header=True)
        if shown.request_id:
            st.code(shown.request_id, language=None, wrap_lines=True)
        if shown.log_url:
            st.link_button("CloudWatch log", shown.log_url, icon=":material/open_in_new:")


def below(shown: Detail) -> None:
    """Draw the attempts of the selected row and the calls it made, side by side."""
    left, right = st.columns(2, gap="small")
    with left:
        _small_table(f"**Attempts** of {shown.title}", shown.attempts)
    with right:
        _small_table(f"**Calls** {shown.title} made", shown.calls)


def table(rows: pd.DataFrame) -> None:
    """Draw the waterfall's rows as a table."""
    st.dataframe(rows_table.rows_table(rows), hide_index=True, placeholder=units.UNKNOWN)


def raw(frames: Mapping[str, pd.DataFrame]) -> None:
    """Draw every column of the rows behind the page, with a download for each."""
    for name, frame in frames.items():
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.markdown(f"**{name}** · {units.counted(len(frame), 'row')}", width="content")
            st.download_button(
                "CSV", frame.to_csv(index=False), f"{name}.csv", "text/csv", key=f"csv-{name}"
            )
        st.dataframe(frame, hide_index=True, placeholder="NULL", key=f"raw-{name}")


def _small_table(name: str, frame: pd.DataFrame) -> None:
    if frame.empty:
        return
    st.markdown(name)
    height: Literal["content"] | int = TABLE_HEIGHT if len(frame) > ROWS_IN_VIEW else "content"
    st.dataframe(frame, hide_index=True, placeholder=units.UNKNOWN, row_height=28, height=height)
