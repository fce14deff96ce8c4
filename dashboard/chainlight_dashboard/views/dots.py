"""Failed and slow chains as points: time to the right, wall time upwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped

if TYPE_CHECKING:
    from collections.abc import Hashable

WALL_MIN_S = 0.001
"""The axis is logarithmic: anything faster is drawn at one millisecond."""


def dots(chains: pd.DataFrame) -> pd.DataFrame:
    """Return columns chain_id, entry, started, wall_s, wall, cost, mark, one row per chain."""
    return pd.DataFrame(
        {
            "chain_id": chains["chain_id"],
            "entry": [clipped(name) for name in chains["entry_function"]],
            "started": pd.to_datetime(chains["started_us"], unit="us", utc=True),
            "wall_s": (chains["wall_us"] / units.SECOND_US).clip(lower=WALL_MIN_S),
            "wall": [units.duration(wall) for wall in chains["wall_us"]],
            "cost": [units.money(cost) for cost in chains["cost_usd"]],
            "mark": chains["mark"],
        }
    )


def picked(selection: object) -> str | None:
    """Return the chain id of a click on the chart, from the state streamlit hands back."""
    points = _inside(_inside(selection, "selection"), "dot")
    if not isinstance(points, list) or not points:
        return None
    chain_id = _inside(points[0], "chain_id")
    return str(chain_id) if chain_id else None


def _inside(holder: object, key: Hashable) -> object:
    return holder.get(key) if hasattr(holder, "get") else None
