"""One shape: its totals, how long its chains take, how many tries it took, and last week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.chain_table import STATUSES
from chainlight_dashboard.views.plain import clipped
from chainlight_dashboard.views.tiles import MONEY, NEUTRAL, TROUBLE, Tile

if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlight_dashboard.views.zones import Zone

ROUND_MARKS_US = [10**power for power in range(2, 12)]
THIS_WEEK, LAST_WEEK = 0, 1


def tiles(shape: pd.Series) -> list[Tile]:
    """Return chains, failed, times, paid idle and dead letters of one shape."""
    failed = shape.failed_count / shape.chains_count
    return [
        _tile("Chains", units.count(shape.chains_count), _retried(shape)),
        _tile(
            "Failed",
            units.share(failed),
            units.counted(shape.failed_count, "chain"),
            TROUBLE if shape.failed_count else NEUTRAL,
        ),
        _tile(
            "End to end, p95",
            units.duration(shape.wall_p95_us),
            f"p50 {units.duration(shape.wall_p50_us)}",
        ),
        _tile(
            "Paid idle a month",
            units.money(shape.paid_idle_usd_month),
            f"{units.share(shape.paid_idle_share)} of {units.money(shape.cost_usd_month)}",
            MONEY,
        ),
        _tile(
            "Dead letters",
            units.count(shape.dead_letters_count),
            "of these chains",
            TROUBLE if shape.dead_letters_count else NEUTRAL,
        ),
    ]


def _retried(shape: pd.Series) -> str:
    return units.counted(shape.retries_count, "retry", "retries")


def _tile(label: str, value: str, note: str, hue: object = NEUTRAL) -> Tile:
    return Tile(label, value, note, hue, [], "line", "")  # type: ignore[arg-type]


def wall_bars(walls: pd.DataFrame) -> pd.DataFrame:
    """Return two rows per step of the histogram, ok and failed: from_s, to_s, outcome, chains."""
    long = walls.melt(
        id_vars=["from_wall_us", "to_wall_us"],
        value_vars=["ok_count", "failed_count"],
        var_name="outcome",
        value_name="chains",
    )
    return pd.DataFrame(
        {
            "from_s": long["from_wall_us"] / units.SECOND_US,
            "to_s": long["to_wall_us"] / units.SECOND_US,
            "between": [
                f"{units.duration(low)} to {units.duration(high)}"
                for low, high in zip(long["from_wall_us"], long["to_wall_us"], strict=True)
            ],
            "outcome": long["outcome"].str.removesuffix("_count"),
            "chains": long["chains"],
        }
    )[long["chains"] > 0]


def funnel(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line per attempt number: how many were started, and how many of them failed."""
    return pd.DataFrame(
        {
            "step": [_step(number) for number in rows["attempt_number"]],
            "count": rows["started_count"],
            "failed": rows["failed_count"],
        }
    )


def _step(number: float | None) -> str:
    if number is None or units.is_unknown(number):
        return "dead letters"
    return {1: "first attempt", 2: "second attempt"}.get(int(number), f"attempt {int(number)}")


WEEK_LINES: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("chains", "chains_count", units.count),
    ("failed", "failed_share", units.share),
    ("end to end, p50", "wall_p50_us", units.duration),
    ("end to end, p95", "wall_p95_us", units.duration),
    ("cost of a chain", "cost_usd", units.money),
    ("paid idle, of its cost", "paid_idle_share", units.share),
    ("retries a chain", "retries_per_chain", lambda number: f"{number:.2f}"),
)


def weeks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line per measure: this week, the week before, and by how much it moved."""
    by_week = {int(row["week"]): row for _, row in rows.iterrows()}
    now, before = by_week.get(THIS_WEEK), by_week.get(LAST_WEEK)
    lines = [_week_line(name, column, text, (now, before)) for name, column, text in WEEK_LINES]
    return pd.DataFrame(lines, columns=["measure", "this week", "last week", "change"])


def _week_line(
    name: str,
    column: str,
    text: Callable[[float], str],
    weeks_: tuple[pd.Series | None, pd.Series | None],
) -> tuple[str, str, str, str]:
    now, before = (None if week is None else float(week[column]) for week in weeks_)
    shown = [
        "none" if value is None else units.UNKNOWN if units.is_unknown(value) else text(value)
        for value in (now, before)
    ]
    return name, shown[0], shown[1], _change(now, before)


def _change(now: float | None, before: float | None) -> str:
    if now is None or before is None or units.is_unknown(now) or units.is_unknown(before):
        return "nothing to compare"
    if not before:
        return "no change" if not now else "new"
    return f"{(now - before) / before * 100:+.0f} %"


def examples(rows: pd.DataFrame, zone: Zone) -> pd.DataFrame:
    """Return the chains worth a look, in words."""
    return pd.DataFrame(
        {
            "example": rows["example"],
            "started": [units.instant(at_us, zone.clock) for at_us in rows["started_us"]],
            "wall": [units.duration(wall) for wall in rows["wall_us"]],
            "cost": [units.money(cost) for cost in rows["cost_usd"]],
            "idle": [units.share(part) for part in rows["paid_idle_share"]],
            "status": [STATUSES.get(status, str(status)) for status in rows["status"]],
        }
    )


def step_table(steps: pd.DataFrame) -> pd.DataFrame:
    """Return one line per step: who called what, how often, how long, and the wait's cost."""
    return pd.DataFrame(
        {
            "step": [_step_name(row) for row in steps.itertuples()],
            "by": steps["edge_kind"],
            "runs": steps["runs_count"],
            "failed": steps["failed_count"],
            "retried": steps["retried_count"],
            "p50": [units.duration(length) for length in steps["duration_p50_us"]],
            "p95": [units.duration(length) for length in steps["duration_p95_us"]],
            "queued": [units.duration(length) for length in steps["queued_p95_us"]],
            "own_usd": [units.money(usd) for usd in steps["runs_usd"]],
            "wait_usd": [
                "" if units.is_unknown(usd) else units.money(usd) for usd in steps["paid_idle_usd"]
            ],
        }
    )


def _step_name(step: pd.Series) -> str:
    name = clipped(step.function_name)
    return (
        name
        if units.is_unknown(step.caller_function)
        else f"{clipped(step.caller_function)} → {name}"
    )
