"""The waterfall component: shows a `ChainView` and returns the row a reader chose.

Python decides every meaning (`picture`), the browser only paints (`frontend/`). The component's
files are served one by one below one URL, so `main.js` imports its siblings by relative path and
the browser resolves them: there is no build and nothing to concatenate. Files come from the asset
directory that the member's pyproject declares, in an editable install and in a wheel alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from chainlight_dashboard.picture import KINDS, ChainView, chain_view

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from streamlit.components.v2.types import ComponentRenderer

__all__ = ["ChainView", "chain_view", "click_on", "payload", "waterfall"]


def waterfall(
    chain: ChainView, *, height: int | Literal["auto"], key: str, parameter: str = ""
) -> int | None:
    """Show the chain and return the selected row of `chain_timeline`, None if there is none.

    `height` is in pixels; "auto" is as high as the rows need, within a screen. The reader selects
    by click or Enter; between that and `chain.selected` the latest change counts, so a page may
    keep the choice in its URL or not at all: the browser writes it there as `parameter`, without
    an entry in the history, so that Back leaves the chain. A choice survives reruns and new
    versions of the chain, because it is kept by invocation and not by number. With one stable
    `key`, scroll position, zoom, collapsed rows and focus survive too, for each chain its own.
    """
    result = _component()(
        key=key,
        data={**payload(chain, height), "parameter": parameter},
        default={"selected": None},
        on_selected_change=_nothing,
    )
    before = st.session_state.get(f"{key} seen", _Seen())
    seen = st.session_state[f"{key} seen"] = _look(chain, result.get("selected"), before)
    return _row_of_ident(chain, seen.chosen)


def payload(chain: ChainView, height: int | Literal["auto"]) -> dict[str, object]:
    """Return what the browser receives; `rows` and `segs` travel as Arrow, the rest as JSON."""
    return {
        "chain": chain.chain_id,
        "version": chain.version,
        "rows": chain.rows,
        "segs": chain.segments,
        "kinds": KINDS,
        "real": list(chain.fold.real),
        "disp": list(chain.fold.disp),
        "start_ms": chain.start_us / 1000,
        "selected": _ident_of_row(chain, chain.selected),
        "height": height,
    }


def click_on(chain: ChainView, row: int) -> dict[str, object]:
    """Return the state a click on a row leaves in `st.session_state[key]["selected"]`."""
    return {"chain": chain.chain_id, "ident": _ident_of_row(chain, row)}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the last run saw, to tell whose choice is newer: the reader's or the page's."""

    chain_id: str = ""
    given: float | None = None
    click: object = None
    chosen: float | None = None


def _look(chain: ChainView, click: object, before: _Seen) -> _Seen:
    """Return what is chosen now: a new click, else what the page gave anew, else as before."""
    given = _ident_of_row(chain, chain.selected)
    chosen = given
    if (
        isinstance(click, Mapping)
        and click.get("chain") == chain.chain_id
        and click != before.click
    ):
        chosen = click.get("ident")
    elif before.chain_id == chain.chain_id and before.given == given:
        chosen = before.chosen
    return _Seen(chain.chain_id, given, click, chosen)


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "chainlight-dashboard.waterfall", js="main.js", css="waterfall.css"
    )


def _nothing() -> None:
    """Exist: a state with a default needs a callback."""


def _row_of_ident(chain: ChainView, ident: float | None) -> int | None:
    """Return the chosen row; what the chain no longer has is no choice."""
    found: NDArray[np.intp] = np.flatnonzero(chain.rows["ident"].to_numpy() == ident)
    return int(chain.rows["row"][int(found[0])].as_py()) if found.size else chain.selected


def _ident_of_row(chain: ChainView, row: int | None) -> float | None:
    if row is None or row < 0:
        return None
    found: NDArray[np.intp] = np.flatnonzero(chain.rows["row"].to_numpy() == row)
    return float(chain.rows["ident"][int(found[0])].as_py()) if found.size else None
