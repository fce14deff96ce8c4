"""The pieces of the Functions page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import tables
from chainlight_dashboard.parts import links
from chainlight_dashboard.tables import Rows
from chainlight_dashboard.views import columns, functions, shapes

if TYPE_CHECKING:
    import pandas as pd

TABLE_HEIGHT = 690


def search() -> str | None:
    """Draw the search box, which is in the URL as `function`; return its text."""
    text = st.text_input(
        "Find a function or owner",
        key="function",
        bind="query-params",
        placeholder="Function or owner",
        label_visibility="collapsed",
        width=260,
    )
    return text or None


def table(rows: pd.DataFrame) -> None:
    """Draw the functions, most expensive first, each a link to its chains."""
    shown = functions.function_table(rows)
    cost, idle = shapes.money_format(shown["cost_usd"]), shapes.money_format(shown["idle_usd"])
    named = {
        "function": columns.words("Function", 170),
        "owner": columns.words("Owner", 80),
        "runs": columns.number("Runs", 56),
        "failed": columns.number("Failed", 72, "%.1f %%"),
        "timeouts": columns.number("Timeouts", 80),
        "throttles": columns.number("Throttles", 78),
        "cold": columns.number("Cold", 72, "%.0f %%"),
        "p95_s": columns.number("p95", 74, "%.2f s"),
        "memory": columns.words("Memory used", 106),
        "memory_used": columns.bar("Used", 104, "%.0f %%", end=100),
        "cost_usd": columns.number("Cost / month", 96, cost),
        "idle_usd": columns.number("Paid idle / month", 118, idle),
        "dlq": columns.words("DLQ or destination", 132),
        "layer": columns.words("Layer", 56),
    }
    names = [str(name) for name in rows["function_name"]]
    tables.table(
        shown,
        named,
        key="functions",
        label="Functions, most expensive first",
        rows=Rows("function", names, [links.to("chains", find=name) for name in names]),
        height_max=TABLE_HEIGHT,
    )
