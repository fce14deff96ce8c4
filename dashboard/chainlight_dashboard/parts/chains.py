"""The pieces of the list of chains: its filters, all in the URL, and its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard.parts.numbers import clicked_and_ticked
from chainlight_dashboard.views import chain_table

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from chainlight_dashboard.views.zones import Zone

ROWS_MAX = 1_000
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
    tags = st.pills(
        "Marks",
        chain_table.TAGS,
        selection_mode="multi",
        default=linked,
        format_func=lambda tag: chain_table.pill_label(tag, counts),
        key="marks",
        label_visibility="collapsed",
    )
    if list(tags) != linked:
        st.query_params["mark"] = list(tags)
    return list(tags)


def compare_link(chosen: list[int], rows: pd.DataFrame) -> None:
    """Draw the way to the comparison once two chains are ticked."""
    if len(chosen) == PAIR:
        one, two = (str(rows.iloc[position].chain_id) for position in chosen)
        st.page_link(
            "screens/compare.py",
            label="Compare the two",
            icon=":material/compare_arrows:",
            query_params={"a": one, "b": two},
        )
    else:
        st.caption("Tick two to compare them")


def table(rows: pd.DataFrame, zone: Zone) -> tuple[int | None, list[int]]:
    """Draw the chains; return the position of the clicked one, and those that are ticked."""
    shown = chain_table.chain_table(rows)
    config = st.column_config
    columns = {
        "status": config.TextColumn("Status", width=105),
        "entry": config.TextColumn("Entry", width=130),
        "kind": config.TextColumn("By", width=80),
        "shape": config.TextColumn("Shape", width=246),
        "started": config.DatetimeColumn(
            f"Started, {zone.label}", format="D MMM HH:mm:ss", timezone=zone.name, width=120
        ),
        "wall_s": config.NumberColumn("Wall", format="%.2f s", width=80),
        "answered_s": config.NumberColumn("Answered in", format="%.2f s", width=90),
        "attempts": config.NumberColumn("Attempts", width=70),
        "retries": config.NumberColumn("Retries", width=62),
        "cold": config.NumberColumn("Cold", width=50),
        "idle_share": config.ProgressColumn(
            "Paid idle", format="%.0f %%", min_value=0, max_value=100, color="blue", width=110
        ),
        "cost_usd": config.NumberColumn("Cost", format="$%.7f", width=95),
        "dlq": config.NumberColumn("DLQ", width=50),
    }
    return clicked_and_ticked(
        shown, columns, key="chains", height_max=TABLE_HEIGHT, alt="Chains, newest first"
    )
