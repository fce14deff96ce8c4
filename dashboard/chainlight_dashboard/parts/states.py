"""What a page shows instead of numbers: always what is so, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.errors import (
    DatabaseBusyError,
    DatabaseForeignError,
    DatabaseMissingError,
)
from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import escaped

if TYPE_CHECKING:
    from chainlight_dashboard.errors import DashboardError

TITLES: dict[type[DashboardError], str] = {
    DatabaseMissingError: "No data yet",
    DatabaseBusyError: "The first snapshot is being written",
    DatabaseForeignError: "This file cannot be read",
}
MESSAGE_MAX = 1_000
NOTHING_YET = (
    "No chain has been collected yet",
    (
        "Add the layer to a function, invoke it, then run `chainlight collect --since 1h`; "
        "or read exported logs with `chainlight import FILE`."
    ),
)


def failed(error: DashboardError) -> None:
    """Show why the database cannot be read, with the way out that the error names."""
    nothing(TITLES.get(type(error), "This did not work"), escaped(error, MESSAGE_MAX))


def nothing_here(title: str, advice: str) -> None:
    """Show an empty state; where nothing was collected at all, say that and what to do about it."""
    facts = data.row("freshness")
    if facts is None or units.is_unknown(facts.newest_us):
        nothing(*NOTHING_YET)
    else:
        nothing(title, advice)


def nothing(title: str, advice: str) -> None:
    """Show an empty state; `advice` is markdown whose names are escaped."""
    with st.container(border=True):
        st.markdown(f"**{title}**")
        st.markdown(advice)
