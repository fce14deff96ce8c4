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
        "function": columns.words("Function", 190),
        "owner": columns.words("Owner", 90),
        "runs": columns.number("Runs", 64),
        "failed": columns.number("Failed", 68, "%.1f %%"),
        "timeouts": columns.number("Timeouts", 80),
        "throttles": columns.number("Throttles", 80),
        "cold": columns.number("Cold", 60, "%.0f %%"),
        "p95_s": columns.number("p95", 76, "%.2f s"),
        "memory": columns.words("Memory used / set", 130),
        "memory_used": columns.bar("of it", 104, "%.0f %%", end=100),
        "cost_usd": columns.number("Cost / month", 98, cost),
        "idle_usd": columns.number("Paid idle / month", 122, idle),
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
