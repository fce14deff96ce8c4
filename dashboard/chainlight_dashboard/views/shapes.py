"""The shapes of the overview as a table: numbers stay numbers so that a reader can sort."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped

if TYPE_CHECKING:
    from collections.abc import Iterable


_NAME = re.compile(r"(?:^|(?<=[→⇢(,] ))[^\s→⇢(),]+")
"""A function's name in a shape: what an arrow points to, or the first word."""
WHOLE_FROM_USD = 100
DIGITS_MAX = 6


def shape_table(shapes: pd.DataFrame) -> pd.DataFrame:
    """Return columns shape, runs, failed, p95_s, course, retries, idle_share, idle_usd, cost_usd.

    Shares are 0..100 (the table prints them with a percent sign), lengths seconds, money US
    dollars a month.
    """
    return pd.DataFrame(
        {
            "shape": [clipped(shape, 160) for shape in short_shapes(shapes["shape"])[0]],
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


def short_shapes(shapes: Iterable[str]) -> tuple[list[str], str]:
    """Return the shapes without the stem that all their functions share, and that stem.

    A stem ends with - or _ ("shop-"); where there is none, shapes stay as they are.
    """
    whole = [str(shape) for shape in shapes]
    names = {name for shape in whole for name in _NAME.findall(shape)}
    shared = os.path.commonprefix(sorted(names)) if len(names) > 1 else ""  # noqa: RUF071 text
    stem = shared[: max(shared.rfind("-"), shared.rfind("_")) + 1]
    if not stem:
        return whole, ""
    return [_NAME.sub(lambda name: name[0][len(stem) :], shape) for shape in whole], stem


def heading(shapes: Iterable[str]) -> str:
    """Return the column's heading; it names the stem that the shapes leave out."""
    _, stem = short_shapes(shapes)
    return f"Shape ({clipped(stem, 32)}…)" if stem else "Shape"


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
