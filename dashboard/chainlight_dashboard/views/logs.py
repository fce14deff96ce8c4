"""The logs of a chain as one table: every function's lines, merged by time."""

from __future__ import annotations

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped

TEXT_MAX = 2_000


def log_table(lines: pd.DataFrame) -> pd.DataFrame:
    """Return one row per kept line: at (epoch microseconds), after (since the first), and words."""
    first_us = lines["logged_us"].min()
    return pd.DataFrame(
        {
            "at": lines["logged_us"],
            "after": [units.duration(at_us - first_us) for at_us in lines["logged_us"]],
            "function": [clipped(name) for name in lines["function_name"]],
            "kind": lines["kind"],
            "text": [
                "" if units.is_unknown(text) else clipped(text, TEXT_MAX) for text in lines["text"]
            ],
            "request_id": lines["request_id"],
        }
    )


def own_lines(lines: pd.DataFrame, function_name: object, request_id: object) -> pd.DataFrame:
    """Return the lines of one invocation."""
    is_own = (lines["function_name"] == function_name) & (lines["request_id"] == request_id)
    return lines[is_own]
