"""The pieces of one chain: title, verdict, waterfall, panel, tables, ways out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import data, tables
from chainlight_dashboard.copied import copied
from chainlight_dashboard.palette import palette
from chainlight_dashboard.parts.numbers import download_buttons
from chainlight_dashboard.views import columns, graph, logs, rows_table, units
from chainlight_dashboard.views import verdict as verdicts
from chainlight_dashboard.views.plain import clipped, escaped
from chainlight_dashboard.waterfall import chain_view, waterfall

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from chainlight_dashboard.views.detail import Detail
    from chainlight_dashboard.views.zones import Zone

TABLE_HEIGHT = 260
SMALL_HEIGHT = 400
LOGS_HEIGHT = 620
TABS = ("Waterfall", "Logs", "Graph", "Table", "Raw rows")


@dataclass(frozen=True, slots=True)
class Frames:
    """What a waterfall is painted from."""

    rows: pd.DataFrame
    segments: pd.DataFrame


def frames(chain_id: str) -> Frames:
    """Return rows and segments of a chain."""
    return Frames(
        data.frame("chain_rows", chain_id=chain_id), data.frame("chain_segments", chain_id=chain_id)
    )


def title(about: pd.Series, zone: Zone) -> None:
    """Draw the entry function's name, the chain id, its start and its badges on one line."""
    chain_id = clipped(about.chain_id, 120).replace("`", "'")
    badges = " ".join(f":{hue}-badge[{escaped(text)}]" for text, hue in verdicts.pills(about))
    started = escaped(f"{units.instant(about.started_us, zone.clock)} {zone.label}")
    st.markdown(
        f"## {escaped(about.entry_function)} :small[`{chain_id}`] "
        f":small[:gray[{started}]] {badges}",
        anchors=False,
    )


def verdict(about: pd.Series, rows: pd.DataFrame, letters: pd.DataFrame) -> None:
    """Draw the paragraph that says what happened."""
    st.markdown(verdicts.verdict(about, rows, letters))


def ways_out(about: pd.Series) -> None:
    """Draw the links to the chain's shape and to the comparison, and the exports."""
    chain_id = str(about.chain_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            "screens/shape.py",
            label="Its shape",
            icon=":material/account_tree:",
            query_params={"id": str(about.shape_id)},
        )
        st.page_link(
            "screens/compare.py",
            label="Compare with the typical run",
            icon=":material/compare_arrows:",
            query_params={"a": chain_id},
        )
        with st.popover("Export", type="tertiary", icon=":material/download:", key="export"):
            st.caption("The whole chain as one file; OTLP opens in Jaeger, Perfetto in its own UI.")
            for style, (label, media_type) in EXPORTS.items():
                st.download_button(
                    label,
                    partial(data.exported, chain_id, style),
                    data.export_name(chain_id, style),
                    media_type,
                    key=f"export-{style}",
                    on_click="ignore",
                )


EXPORTS: Mapping[str, tuple[str, str]] = {
    "json": ("JSON: every row", "application/json"),
    "csv": ("CSV: one line an attempt", "text/csv"),
    "otlp": ("OTLP JSON: for Jaeger and OpenTelemetry", "application/json"),
    "perfetto": ("Perfetto trace: for ui.perfetto.dev", "application/json"),
}


def waterfall_of(chain_id: str, shown: Frames, typical: pd.DataFrame) -> int:
    """Draw the waterfall and return the selected row, which is in the URL as `row`."""
    first = rows_table.first_row(shown.rows, st.query_params.get("row"))
    view = chain_view(
        shown.rows, shown.segments, chain_id=chain_id, selected=first, typical=typical
    )
    selected = waterfall(view, height="auto", key="waterfall", parameter="row")
    return first if selected is None else selected


def small_waterfall(key: str, chain_id: str, shown: Frames, typical: pd.DataFrame) -> None:
    """Draw a waterfall that is looked at beside another one."""
    view = chain_view(shown.rows, shown.segments, chain_id=chain_id, typical=typical)
    waterfall(view, height="auto", key=f"waterfall-{key}")


def panel(shown: Detail, lines: pd.DataFrame) -> None:
    """Draw the selected row: times, money, request id, its own log lines, the AWS console."""
    with st.container(border=True, gap="small"):
        st.markdown(f"**{shown.title}**")
        st.caption(shown.subtitle)
        st.table(dict([*shown.facts, *shown.money]), border="horizontal", hide_header=True)
        if shown.request_id:
            copied(shown.request_id, key="request-id", label="request id")
        if not lines.empty:
            with st.expander(f"Its {units.counted(len(lines), 'log line')}", type="compact"):
                st.text("\n".join(logs.log_table(lines)["text"]))
        with st.container(horizontal=True, gap="small"):
            for label, url in shown.console:
                st.link_button(label, url, icon=":material/open_in_new:", type="tertiary")


def below(shown: Detail) -> None:
    """Draw the attempts of the selected row and the calls it made, side by side."""
    left, right = st.columns(2, gap="small")
    with left:
        _small_table(f"**Attempts** of {shown.title}", shown.attempts, "attempts")
    with right:
        _small_table(f"**Calls** {shown.title} made", shown.calls, "calls")


def log_lines(lines: pd.DataFrame, zone: Zone) -> None:
    """Draw the lines of all functions, merged by time."""
    named = {
        "at": columns.instant(f"Logged, {zone.label}", 112, zone),
        "after": columns.words("After", 80),
        "function": columns.words("Function", 160),
        "kind": columns.words("Kind", 72),
        "text": columns.words("What it says", 610),
        "request_id": columns.words("Request id", 262),
    }
    tables.table(
        logs.log_table(lines),
        named,
        key="logs",
        label="Log lines of the chain, merged by time",
        height_max=LOGS_HEIGHT,
    )


def topology(steps: pd.DataFrame) -> None:
    """Draw who called whom in this chain."""
    source = graph.dot(steps, palette(st.context.theme.type))
    st.graphviz_chart(source, width="content", alt="Graph of this chain's calls")


def table(rows: pd.DataFrame) -> None:
    """Draw the waterfall's rows as a table."""
    shown = rows_table.rows_table(rows)
    tables.table(
        shown,
        {str(title): columns.words(str(title).capitalize()) for title in shown.columns},
        key="table",
        label="Invocations of the chain, as deep as they were called",
        height_max=LOGS_HEIGHT,
        is_sortable=False,
    )


def raw(tables: Mapping[str, pd.DataFrame]) -> None:
    """Draw every column of the rows behind the page, with a download for each."""
    for name, frame in tables.items():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{name}** · {units.counted(len(frame), 'row')}", width="content")
            download_buttons(name, frame.copy)
        st.dataframe(frame, hide_index=True, placeholder="NULL", key=f"raw-{name}")


def _small_table(name: str, frame: pd.DataFrame, key: str) -> None:
    if frame.empty:
        return
    st.markdown(name)
    tables.table(
        frame,
        {str(title): columns.words(str(title).capitalize()) for title in frame.columns},
        key=key,
        label=key,
        height_max=TABLE_HEIGHT,
        is_sortable=False,
    )
