"""Crossed thresholds as short claims, with the arithmetic behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlight_dashboard.views import units
from chainlight_dashboard.views.freshness import coarse
from chainlight_dashboard.views.plain import escaped

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

MEASURES: dict[str, tuple[str, Callable[[float], str]]] = {
    "failed_share": ("failed", units.share),
    "dead_letters_count": ("dead letters", units.count),
    "paid_idle_usd_day": ("paid idle a day", units.money),
    "coverage_share": ("linked", units.share),
}


def claims(alerts: pd.DataFrame, now_us: int) -> list[tuple[str, str]]:
    """Return (badge, explanation) of each raised alert; both are markdown with escaped text."""
    return [_claim(alert, now_us) for alert in alerts.itertuples()]


def _claim(alert: pd.Series, now_us: int) -> tuple[str, str]:
    name, text = MEASURES.get(alert.measure, (escaped(alert.measure), str))
    badge = f"{name} {escaped(text(alert.value))}"
    since = coarse(max(0, now_us - int(alert.since_us)))
    return badge, (
        f"Threshold crossed: {alert.direction} {escaped(text(alert.threshold))} for {since}; "
        f"{escaped(alert.words, 200)}."
    )
