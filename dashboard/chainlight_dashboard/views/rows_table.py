"""The waterfall's rows without the picture: which one is selected, and all of them as a table."""

from __future__ import annotations

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped

TROUBLED = ("error", "timeout", "crash", "throttled", "throttle", "dlq")
INDENT = "\u2003"


def first_row(rows: pd.DataFrame, wanted: str | None) -> int:
    """Return the row a link asks for, else the first one in trouble, else the first."""
    numbers = rows["row"].astype(int)
    if wanted is not None and wanted.isdecimal() and int(wanted) in set(numbers):
        return int(wanted)
    troubled = numbers[rows["status"].isin(TROUBLED)]
    return int(troubled.iloc[0]) if len(troubled) else int(numbers.iloc[0])


def row_of(rows: pd.DataFrame, number: int) -> pd.Series:
    """Return the row with this number, or the first one where there is none."""
    found = rows[rows["row"] == number]
    return rows.iloc[0] if found.empty else found.iloc[0]


def rows_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line per invocation, indented by depth, with lengths and money as text."""
    start_us = rows["started_us"].min()
    return pd.DataFrame(
        {
            "function": [
                INDENT * int(depth) + clipped(name)
                for depth, name in zip(rows["depth"], rows["function_name"], strict=True)
            ],
            "by": rows["edge_kind"],
            "status": rows["status"],
            "attempts": rows["attempts_count"],
            "starts after": [units.duration(at - start_us) for at in rows["started_us"]],
            "start to end": [
                units.duration(length) for length in rows["ended_us"] - rows["started_us"]
            ],
            "paid idle": [units.duration(length) for length in rows["paid_idle_us"]],
            "cost": [units.money(cost) for cost in rows["cost_usd"]],
            "error": [
                "" if units.is_unknown(error) else clipped(error) for error in rows["error_type"]
            ],
            "request id": rows["request_id"],
        }
    )
