"""The table component: rows that are links, columns that can be sorted, all by keyboard too.

`st.dataframe` paints on a canvas: its rows are no links, and the keyboard cannot open them. Here
each row that leads somewhere holds a real link, so that Enter, a click, "open in a new tab" and a
screen reader find what they look for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard.views.columns import sent, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from streamlit.components.v2.types import ComponentRenderer

    from chainlight_dashboard.views.columns import Column


ROWS_MAX = 2_000
"""So many rows of ten columns are elements within half a second; a canvas holds any number."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where rows lead: an ident and an address each, or None where one leads nowhere.

    Idents tell rows apart over refreshes; `link` names the column whose words are the link.
    """

    link: str
    idents: Sequence[str]
    addresses: Sequence[str | None]
    selected: str | None = None


def table(  # noqa: PLR0913  all but two by name
    values: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    key: str,
    label: str,
    rows: Rows | None = None,
    height_max: int = 0,
    has_ticks: bool = False,
    is_sortable: bool = True,
) -> None:
    """Draw a table of the named columns; `ticked` knows which rows are ticked.

    `label` says to a screen reader what the rows are; `height_max` is in pixels, 0 for no limit.
    Above `ROWS_MAX` rows that lead nowhere, the browser paints a canvas and not elements.
    """
    if rows is None and len(values) > ROWS_MAX:
        _canvas(values, columns, label, height_max)
        return
    data = {
        **painted(values, columns, rows),
        "key": key,
        "label": label,
        "height": height_max,
        "has_ticks": has_ticks,
        "is_sortable": is_sortable,
        "ticked": ticked(key) if has_ticks else [],
    }
    _component()(key=key, data=data, default={"ticked": []}, on_ticked_change=_nothing)


def painted(
    values: pd.DataFrame, columns: Mapping[str, Column], rows: Rows | None
) -> dict[str, object]:
    """Return what the browser paints: columns, and each row's ident and address."""
    found = rows or Rows("", [str(place) for place in range(len(values))], [None] * len(values))
    names = list(columns)
    return {
        "columns": [sent(column, values[name]) for name, column in columns.items()],
        "link": names.index(found.link) if found.link else None,
        "idents": _apart(found.idents),
        "hrefs": list(found.addresses),
        "selected": found.selected,
    }


def _canvas(
    values: pd.DataFrame, columns: Mapping[str, Column], label: str, height_max: int
) -> None:
    named = {
        column.heading: [words_of(column, value) for value in values[name]]
        for name, column in columns.items()
    }
    st.dataframe(named, hide_index=True, height=height_max or "content", alt=label)


def ticked(key: str) -> list[str]:
    """Return the idents that are ticked so far in the table of a key."""
    state = st.session_state.get(key) or {}
    return [str(ident) for ident in state.get("ticked") or []]


def _apart(idents: Iterable[str]) -> list[str]:
    """Return idents that differ: a second one of the same name gets a number."""
    seen: dict[str, int] = {}
    found = []
    for ident in idents:
        seen[ident] = seen.get(ident, 0) + 1
        found.append(ident if seen[ident] == 1 else f"{ident} {seen[ident]}")
    return found


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("chainlight-dashboard.table", js="table.js", css="table.css")


def _nothing() -> None:
    """Exist: a state with a default needs a callback."""
