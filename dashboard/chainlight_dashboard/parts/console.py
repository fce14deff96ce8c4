"""The pieces of the SQL page: editor, examples, schema browser and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard.views import examples, units
from chainlight_dashboard.views.console import capped, schema_groups

if TYPE_CHECKING:
    import pandas as pd

    from chainlight_dashboard.errors import DashboardError
    from chainlight_dashboard.sandbox import Answer

EDITOR_HEIGHT = 150
SCHEMA_HEIGHT = 620


def example_pills() -> None:
    """Draw the queries to start from; a click puts one into the editor."""
    st.pills(
        "Examples",
        list(examples.EXAMPLES),
        key="example",
        on_change=_take_example,
        label_visibility="collapsed",
    )


def editor() -> str:
    """Draw the editor; return the query, which is in the URL as `q`."""
    text = st.text_area(
        "SQL",
        key="q",
        bind="query-params",
        height=EDITOR_HEIGHT,
        placeholder="SELECT entry_function, count(*) FROM chains GROUP BY ALL",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Run", shortcut="Ctrl+Enter")
        st.caption(
            "One SELECT, WITH, DESCRIBE, SUMMARIZE or EXPLAIN; it can only read, for at most 10 s."
        )
    return text or ""


def answer(shown: Answer) -> None:
    """Draw the rows with their number, the time they took and a download."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(
            f"{capped(len(shown.rows), is_cut=shown.is_cut)} in {units.duration(shown.took_us)}",
            width="content",
        )
        st.download_button("CSV", shown.rows.to_csv(index=False), "chainlight.csv", "text/csv")
    if len(shown.rows.columns):
        st.dataframe(shown.rows, hide_index=True, placeholder="NULL", alt="Result of the query")


def refused(title: str, error: DashboardError) -> None:
    """Draw DuckDB's own words, as text."""
    with st.container(border=True):
        st.markdown(f":orange-badge[{title}]")
        st.code(str(error), language=None, wrap_lines=True)


def schema(columns: pd.DataFrame) -> None:
    """Draw the views first, then the tables, each with its columns."""
    st.markdown("**Views** and tables")
    with st.container(height=SCHEMA_HEIGHT, border=True, gap=None):
        for relation, lines in schema_groups(columns):
            with st.expander(relation, type="compact"):
                st.code(lines, language=None)


def _take_example() -> None:
    name = st.session_state["example"]
    if name:
        st.session_state["q"] = examples.EXAMPLES[name]
