"""The five tiles of the overview: a number, what it is measured against, and its course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chainlight_dashboard.views import units
from chainlight_dashboard.views.freshness import coarse

if TYPE_CHECKING:
    import pandas as pd

Hue = Literal["off", "blue", "orange"]
NEUTRAL: Hue = "off"
MONEY: Hue = "blue"
TROUBLE: Hue = "orange"


@dataclass(frozen=True, slots=True)
class Tile:
    """One number as text with a sparkline; `note` is the second line, `hint` the explanation."""

    label: str
    value: str
    note: str
    hue: Hue
    course: list[float]
    chart: Literal["bar", "line", "area"]
    hint: str


def overview_tiles(
    totals: pd.Series, before: pd.Series, dead: pd.Series, buckets: pd.DataFrame, now_us: int
) -> list[Tile]:
    """Return chains, failed share, p95, paid idle a month and dead letters, in that order."""
    return [
        _chains(totals, before, buckets),
        _failed(totals, before, buckets),
        _slow(totals, before, buckets),
        _idle(totals, buckets),
        _dead(dead, buckets, now_us),
    ]


def _chains(totals: pd.Series, before: pd.Series, buckets: pd.DataFrame) -> Tile:
    change = _relative(totals.chains_count, before.chains_count)
    return Tile(
        "Chains",
        units.count(totals.chains_count),
        change or "no earlier window to compare",
        NEUTRAL,
        _course(buckets, "chains_count"),
        "bar",
        "Chains that started in the chosen time: all that one entry event set off.",
    )


def _failed(totals: pd.Series, before: pd.Series, buckets: pd.DataFrame) -> Tile:
    share = _ratio(totals.failed_count, totals.chains_count)
    earlier = _ratio(before.failed_count, before.chains_count)
    note = units.counted(totals.failed_count, "chain") if totals.failed_count else "none failed"
    if share is not None and earlier is not None:
        note = f"{(share - earlier) * 100:+.1f} points · {note}"
    return Tile(
        "Failed",
        units.share(share),
        note,
        TROUBLE if totals.failed_count else NEUTRAL,
        _course(buckets, "failed_share"),
        "line",
        "Chains with a final failure or a dead letter, of all chains. "
        "A failure that a retry mended does not count.",
    )


def _slow(totals: pd.Series, before: pd.Series, buckets: pd.DataFrame) -> Tile:
    return Tile(
        "End to end, p95",
        units.duration(totals.wall_p95_us),
        f"answers p95 {units.duration(totals.answered_p95_us)}",
        NEUTRAL,
        _course(buckets, "wall_p95_us"),
        "line",
        "From the entry event to the last work it set off, retries and queues included; "
        f"the window before: {units.duration(before.wall_p95_us)}.",
    )


def _idle(totals: pd.Series, buckets: pd.DataFrame) -> Tile:
    days = units.UNKNOWN if units.is_unknown(totals.observed_days) else totals.observed_days
    shown_days = days if isinstance(days, str) else f"{days:.1f}"
    return Tile(
        "Paid idle a month",
        units.money(totals.paid_idle_usd_month),
        f"{units.share(totals.paid_idle_share)} of spend",
        MONEY,
        _course(buckets, "paid_idle_usd"),
        "area",
        "What was billed while functions waited for other functions, at AWS list prices: "
        f"{units.money(totals.paid_idle_usd)} in {shown_days} days, taken to {units.MONTH_DAYS}. "
        "Less than a day counts as one day.",
    )


def _dead(dead: pd.Series, buckets: pd.DataFrame, now_us: int) -> Tile:
    waiting = int(dead.waiting_count)
    oldest = "age unknown"
    if not units.is_unknown(dead.oldest_us):
        oldest = f"oldest {coarse(now_us - dead.oldest_us)}"
    return Tile(
        "Dead letters",
        units.count(waiting),
        oldest if waiting else "all queues empty",
        TROUBLE if waiting else NEUTRAL,
        _course(buckets, "dead_letters_count"),
        "bar",
        "Messages in dead-letter queues and failure destinations now, whatever the chosen time; "
        "the bars are arrivals.",
    )


def _course(buckets: pd.DataFrame, column: str) -> list[float]:
    if buckets.empty:
        return []
    return [float(value) for value in buckets[column].ffill().fillna(0)]


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _relative(now: float, earlier: float) -> str:
    if not earlier:
        return ""
    return f"{(now - earlier) / earlier * 100:+.0f} % against the window before"
