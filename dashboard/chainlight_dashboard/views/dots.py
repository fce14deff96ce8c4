"""Failed and slow chains as points: time to the right, wall time upwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped
from chainlight_dashboard.views.zones import wall_clock

if TYPE_CHECKING:
    from collections.abc import Hashable

    from chainlight_dashboard.views.zones import Zone

SIZES = {"failed": 90, "slow": 70, "other": 22}
DECADES_S = [0.001, 0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000]
WALL_MIN_S = 0.001
"""The axis is logarithmic: anything faster is drawn at one millisecond."""


def dots(chains: pd.DataFrame, zone: Zone) -> pd.DataFrame:
    """Return one row per chain, instants on the clock of `zone`.

    Columns: chain_id, entry, started, at, wall_s, wall, cost, mark, size.
    """
    return pd.DataFrame(
        {
            "chain_id": chains["chain_id"],
            "entry": [clipped(name) for name in chains["entry_function"]],
            "started": wall_clock(chains["started_us"], zone),
            "at": [units.instant(at_us, zone.clock) for at_us in chains["started_us"]],
            "wall_s": (chains["wall_us"] / units.SECOND_US).clip(lower=WALL_MIN_S),
            "wall": [units.duration(wall) for wall in chains["wall_us"]],
            "cost": [units.money(cost) for cost in chains["cost_usd"]],
            "mark": chains["mark"],
            "size": chains["mark"].map(SIZES),
        }
    )


def time_format(points: pd.DataFrame) -> str:
    """Return how the time axis is labelled: hours within two days, else dates."""
    span = points["started"].max() - points["started"].min()
    if span < pd.Timedelta(minutes=10):
        return "%H:%M:%S"
    return "%H:%M" if span < pd.Timedelta(days=2) else "%d %b"


def picked(selection: object) -> str | None:
    """Return the chain id of a click on the chart, from the state streamlit hands back."""
    points = _inside(_inside(selection, "selection"), "dot")
    if not isinstance(points, list) or not points:
        return None
    chain_id = _inside(points[0], "chain_id")
    return str(chain_id) if chain_id else None


def _inside(holder: object, key: Hashable) -> object:
    return holder.get(key) if hasattr(holder, "get") else None
