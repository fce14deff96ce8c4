"""The pieces of the list of chains: its filters, all in the URL, and its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import tables
from chainlight_dashboard.parts import links
from chainlight_dashboard.views import chain_table, columns, shapes

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from chainlight_dashboard.views.zones import Zone

FIND_HELP = (
    "A word is looked for in the names and the id. A text that begins with `where` is a condition "
    "of SQL over the columns of `chains`, and runs in the sandbox of the SQL page."
)
TABLE_HEIGHT = 640
PAIR = 2


def filter_bar() -> tuple[DeltaGenerator, str | None]:
    """Draw the search box, which is in the URL as `find`; return the pills' place and the text."""
    with st.container(horizontal=True, vertical_alignment="center"):
        place = st.container(width="content")
        text = st.text_input(
            "Find",
            key="find",
            bind="query-params",
            placeholder="Function, chain id, or: where cost_usd > 0.001",
            help=FIND_HELP,
            label_visibility="collapsed",
            width=340,
        )
        if "shape" in st.query_params and st.button("One shape only ✕", type="tertiary"):
            del st.query_params["shape"]
            st.rerun()
    return place, text or None


def tag_pills(counts: pd.Series) -> list[str]:
    """Draw pills with counts and return the chosen tags, which are in the URL as `mark`.

    Not bound by streamlit: it would write the labels, and with them the counts, into the URL.
    """
    linked = [tag for tag in st.query_params.get_all("mark") if tag in chain_table.TAGS]
    if "marks" not in st.session_state or linked != st.session_state.get("marks linked"):
        st.session_state["marks"] = linked  # a deep link, Back or Forward
    tags = st.pills(
        "Marks",
        chain_table.TAGS,
        selection_mode="multi",
        format_func=lambda tag: chain_table.pill_label(tag, counts),
        key="marks",
        label_visibility="collapsed",
    )
    if list(tags) != linked:
        st.query_params["mark"] = list(tags)
    st.session_state["marks linked"] = list(tags)
    return list(tags)


def compare_link(rows: pd.DataFrame) -> None:
    """Draw the way to the comparison once two chains of the table are ticked."""
    listed = set(rows["chain_id"])
    chosen = [chain_id for chain_id in tables.ticked("chains") if chain_id in listed]
    if len(chosen) == PAIR:
        one, two = chosen
        st.page_link(
            "screens/compare.py",
            label="Compare the two",
            icon=":material/compare_arrows:",
            query_params={"a": one, "b": two},
        )
    else:
        st.caption("Tick two to compare them", width="content")


def table(rows: pd.DataFrame, zone: Zone) -> None:
    """Draw the chains, each a link to its waterfall, with boxes to tick."""
    shown = chain_table.chain_table(rows)
    named = {
        "status": columns.words("Status", 100),
        "entry": columns.words("Entry", 130),
        "kind": columns.words("By", 72),
        "shape": columns.words(shapes.heading(rows["shape"]), 220),
        "started": columns.moment(f"Started, {zone.label}", 122, zone),
        "wall_s": columns.number("Wall", 70, "%.2f s"),
        "answered_s": columns.number("Answered in", 90, "%.2f s"),
        "attempts": columns.number("Attempts", 72),
        "retries": columns.number("Retries", 62),
        "cold": columns.number("Cold", 54),
        "idle_share": columns.bar("Paid idle", 106, "%.0f %%", end=100, hue="blue"),
        "cost_usd": columns.number("Cost", 96, "$%.7f"),
        "dlq": columns.number("DLQ", 46),
    }
    tables.table(
        shown,
        named,
        key="chains",
        label="Chains, newest first",
        rows=links.chains(rows["chain_id"], "entry"),
        height_max=TABLE_HEIGHT,
        has_ticks=True,
    )
