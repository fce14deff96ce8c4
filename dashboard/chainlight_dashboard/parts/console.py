"""The pieces of the SQL page: editor, examples, schema browser and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import saved
from chainlight_dashboard.copied import copied
from chainlight_dashboard.errors import QueryNotSavedError
from chainlight_dashboard.parts.numbers import download_buttons
from chainlight_dashboard.views import examples, units
from chainlight_dashboard.views.console import capped, schema_outline
from chainlight_dashboard.views.plain import escaped

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


def saved_queries() -> None:
    """Draw the saved queries, and the way to save or delete one."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Saved queries",
            saved.names(),
            index=None,
            placeholder="Saved queries",
            key="saved",
            on_change=_take_saved,
            label_visibility="collapsed",
            width=240,
        )
        with st.popover("Save", type="tertiary", icon=":material/save:", key="save"):
            st.text_input("Name", key="saved-name", max_chars=60)
            st.button("Save this query", on_click=_save)
        if st.session_state.get("saved"):
            st.button("Delete", type="tertiary", icon=":material/delete:", on_click=_delete)


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
            "One SELECT, WITH, DESCRIBE, SUMMARIZE or EXPLAIN; it can only read, for at most 10 s. "
            "This page's address holds the query: copy it to share."
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
        with st.container(horizontal=True, width="content", gap="small"):
            download_buttons("answer", shown.rows.copy)
    if len(shown.rows.columns):
        st.dataframe(shown.rows, hide_index=True, placeholder="NULL", alt="Result of the query")


def refused(title: str, error: DashboardError) -> None:
    """Draw DuckDB's own words, as text."""
    with st.container(border=True):
        st.markdown(f":orange-badge[{title}]")
        copied(str(error), key="refused", label="answer")


def schema(columns: pd.DataFrame) -> None:
    """Draw the views first, then the tables, each with its columns."""
    st.markdown("**Views** and tables")
    with st.container(height=SCHEMA_HEIGHT, border=True, gap=None):
        st.html(schema_outline(columns))


def _take_saved() -> None:
    name = st.session_state["saved"]
    if name:
        st.session_state["q"] = saved.text(name)


def _save() -> None:
    name = str(st.session_state.get("saved-name", "")).strip()
    try:
        saved.save(name, str(st.session_state.get("q", "")))
    except QueryNotSavedError as error:
        st.toast(str(error), icon=":material/error:")
    else:
        st.toast(f"Saved as {escaped(name)}.")


def _delete() -> None:
    saved.delete(str(st.session_state.pop("saved")))


def _take_example() -> None:
    name = st.session_state["example"]
    if name:
        st.session_state["q"] = examples.EXAMPLES[name]
