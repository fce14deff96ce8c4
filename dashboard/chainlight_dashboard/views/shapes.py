"""The shapes of the overview as a table: numbers stay numbers so that a reader can sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped

if TYPE_CHECKING:
    from collections.abc import Iterable


WHOLE_FROM_USD = 100
DIGITS_MAX = 6


def shape_table(shapes: pd.DataFrame) -> pd.DataFrame:
    """Return columns shape, runs, failed, p95_s, course, retries, idle_share, idle_usd, cost_usd.

    Shares are 0..100 (the table prints them with a percent sign), lengths seconds, money US
    dollars a month.
    """
    return pd.DataFrame(
        {
            "shape": [clipped(shape, 160) for shape in shapes["shape"]],
            "idle_usd": shapes["paid_idle_usd_month"],
            "idle_share": shapes["paid_idle_share"] * 100,
            "cost_usd": shapes["cost_usd_month"],
            "runs": shapes["chains_count"],
            "failed": shapes["failed_share"] * 100,
            "p95_s": shapes["wall_p95_us"] / units.SECOND_US,
            "course": [_seconds(course) for course in shapes["wall_us_latest"]],
            "retries": shapes["retries_per_chain"],
        }
    )


def bar_end(values: pd.Series) -> float:
    """Return where in-cell bars end: the largest known value, or 1 where none is above 0."""
    known = values.dropna()
    largest = float(known.max()) if len(known) else 0.0
    return largest if largest > 0 else 1.0


def money_format(values: pd.Series) -> str:
    """Return one printf format for a column: cents, or the digits its smallest value needs."""
    known = values[values > 0]
    if known.empty or known.max() >= WHOLE_FROM_USD:
        return "$%.0f"
    if known.max() >= 1:
        return "$%.2f"
    digits = len(units.money(float(known.min())).partition(".")[2])
    return f"$%.{min(DIGITS_MAX, digits)}f"


def _seconds(course: Iterable[float | None]) -> list[float]:
    return [float(wall) / units.SECOND_US for wall in course if not units.is_unknown(wall) and wall]
