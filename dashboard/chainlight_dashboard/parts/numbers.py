"""Tiles, tables, and the SQL behind them: how numbers are drawn, the same on every page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import catalog, data, downloads
from chainlight_dashboard.palette import palette
from chainlight_dashboard.views import spark

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from chainlight_dashboard.catalog import Value
    from chainlight_dashboard.views.tiles import Tile

CODE_HEIGHT = 260


def tiles(shown: list[Tile]) -> None:
    """Draw tiles of equal width side by side."""
    colours = palette(st.context.theme.type)
    hues = {"blue": colours.money, "orange": colours.trouble}
    for column, tile in zip(st.columns(len(shown), gap="small"), shown, strict=True):
        with column, st.container(border=True, gap="small"):
            st.metric(
                tile.label,
                tile.value,
                delta=tile.note,
                delta_color=tile.hue,
                delta_arrow="off",
                help=tile.hint or None,
            )
            if tile.course:
                st.html(spark.svg(tile.course, tile.chart, hues.get(tile.hue, colours.quiet)))


def heading(
    text: str,
    queries: Mapping[str, Mapping[str, Value]],
    beside: Callable[[], None] | None = None,
) -> None:
    """Draw a section's heading with the way to the SQL and the rows behind its numbers.

    `beside` draws what else stands at the right.
    """
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        gap="small",
    ):
        st.markdown(text, width="content")
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", width="content"
        ):
            if beside:
                beside()
            behind(queries)


def behind(queries: Mapping[str, Mapping[str, Value]]) -> None:
    """Offer the text of queries, a link that runs each in the SQL page, and their rows as files.

    Open popovers are drawn when they are opened: a page with eight of them sends none of the rows.
    """
    names = "-".join(queries)
    with st.popover(
        "SQL", type="tertiary", icon=":material/database:", key=f"behind-{names}", help=BEHIND_HELP
    ):
        for name, parameters in queries.items():
            _one_behind(name, dict(parameters))


BEHIND_HELP = "The SQL behind these numbers, and their rows as a file"


def _one_behind(name: str, parameters: dict[str, Value]) -> None:
    text = catalog.query(name).with_literals(parameters)
    st.code(text, language="sql", height=CODE_HEIGHT)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link("screens/sql.py", label="Run it in the SQL page", query_params={"q": text})
        download_buttons(name, partial(data.frame, name, **parameters))


def download_buttons(name: str, rows: Callable[[], pd.DataFrame]) -> None:
    """Draw a button per file format; the rows are fetched when one is pressed."""
    for label, (encode, media_type) in downloads.FORMATS.items():
        st.download_button(
            label,
            partial(_encoded, encode, rows),
            f"{name}.{label.lower()}",
            media_type,
            key=f"download-{name}-{label}",
            on_click="ignore",
        )


def _encoded(encode: Callable[[pd.DataFrame], bytes], rows: Callable[[], pd.DataFrame]) -> bytes:
    return encode(rows())
