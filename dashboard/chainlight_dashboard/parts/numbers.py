"""Tiles, tables and "show the SQL": how numbers are drawn, the same on every page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import streamlit as st

from chainlight_dashboard import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from streamlit.elements.lib.column_types import ColumnConfig

    from chainlight_dashboard.catalog import Value
    from chainlight_dashboard.views.tiles import Tile

UNKNOWN = "unknown"
ROW_HEIGHT = 30


def tiles(shown: list[Tile]) -> None:
    """Draw tiles of equal width side by side."""
    for column, tile in zip(st.columns(len(shown), gap="small"), shown, strict=True):
        column.metric(
            tile.label,
            tile.value,
            delta=tile.note,
            delta_color=tile.hue,
            delta_arrow="off",
            chart_data=tile.course or None,
            chart_type=tile.chart,
            help=tile.hint,
            border=True,
        )


def show_sql(queries: Mapping[str, Mapping[str, Value]]) -> None:
    """Offer the text and the parameters of the queries behind the numbers above."""
    with st.expander("Show the SQL", icon=":material/database:"):
        st.caption("The numbers above are these queries; each runs as it stands in the SQL page.")
        for name, parameters in queries.items():
            query = catalog.query(name)
            st.markdown(f"**{name}** `{json.dumps(dict(parameters))}`".replace("$", "\\$"))
            st.code(query.with_literals(dict(parameters)), language="sql")


def clicked_row(
    table: pd.DataFrame, columns: Mapping[str, ColumnConfig], *, key: str, height_max: int, alt: str
) -> int | None:
    """Draw a table and return the position of the row in which a cell was clicked."""
    is_long = (len(table) + 1) * ROW_HEIGHT > height_max
    height: Literal["content"] | int = height_max if is_long else "content"
    state = st.dataframe(
        table,
        key=key,
        height=height,
        row_height=ROW_HEIGHT,
        hide_index=True,
        column_config=dict(columns),
        placeholder=UNKNOWN,
        on_select="rerun",
        selection_mode="single-cell",
        alt=alt,
    )
    cells = state.selection.cells
    return int(cells[0][0]) if cells else None
