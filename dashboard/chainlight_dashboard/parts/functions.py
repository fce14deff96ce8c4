"""The pieces of the Functions page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard.parts.numbers import clicked_row
from chainlight_dashboard.views import functions, shapes

if TYPE_CHECKING:
    import pandas as pd

TABLE_HEIGHT = 690


def search() -> str | None:
    """Draw the search box, which is in the URL as `find`; return its text."""
    text = st.text_input(
        "Find a function or owner",
        key="find",
        bind="query-params",
        placeholder="Function or owner",
        label_visibility="collapsed",
        width=260,
    )
    return text or None


def table(rows: pd.DataFrame) -> int | None:
    """Draw the functions, most expensive first; return the position of a clicked one."""
    shown = functions.function_table(rows)
    config = st.column_config
    columns = {
        "function": config.TextColumn("Function", width=190),
        "owner": config.TextColumn("Owner", width=90),
        "runs": config.NumberColumn("Runs", format="localized", width=62),
        "failed": config.NumberColumn("Failed", format="%.1f %%", width=68),
        "timeouts": config.NumberColumn("Timeouts", format="localized", width=72),
        "throttles": config.NumberColumn("Throttles", format="localized", width=74),
        "cold": config.NumberColumn("Cold", format="%.0f %%", width=58),
        "p95_s": config.NumberColumn("p95", format="%.2f s", width=72),
        "memory": config.TextColumn("Memory used / set", width=126),
        "memory_used": config.ProgressColumn(
            "of it", format="%.0f %%", min_value=0, max_value=100, color="gray", width=92
        ),
        "cost_usd": config.NumberColumn(
            "Cost / month", format=shapes.money_format(shown["cost_usd"]), width=92
        ),
        "idle_usd": config.NumberColumn(
            "Paid idle / month", format=shapes.money_format(shown["idle_usd"]), width=118
        ),
        "dlq": config.TextColumn("DLQ or destination", width=128),
        "layer": config.TextColumn("Layer", width=52),
    }
    return clicked_row(
        shown,
        columns,
        key="functions",
        height_max=TABLE_HEIGHT,
        alt="Functions, most expensive first",
    )
