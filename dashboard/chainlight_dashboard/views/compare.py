"""Two chains side by side: what differs in time, in path and in money, row by row and in words.

The left one is what is looked at, the right one what it is measured against: another chain, or the
typical run of its shape. A difference is left minus right: positive is slower or dearer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.alignment import ENTRY, KEY, keyed
from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped, escaped

if TYPE_CHECKING:
    from collections.abc import Callable

NAMED_MAX = 3
WORTH_SAYING_SHARE = 0.05
"""A row whose difference is below this share of the larger chain's time is not named."""
MANY_TIMES = 2
"""From twice the cost on, a factor reads better than percent."""
NUMBERS = ["start_us", "length_us", "cost_usd", "idle_us"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its name, its rows by key, and its totals (None: not known of it)."""

    name: str
    rows: pd.DataFrame
    wall_us: float | None
    cost_usd: float | None
    counts: pd.Series | None = None


def chain_side(name: str, about: pd.Series, rows: pd.DataFrame) -> Side:
    """Return the side of one chain, from `chain_header` and `chain_rows`."""
    first_us = rows["started_us"].min()
    numbers = pd.DataFrame(
        {
            "start_us": rows["started_us"] - first_us,
            "length_us": rows["ended_us"] - rows["started_us"],
            "cost_usd": rows["cost_usd"],
            "idle_us": rows["paid_idle_us"],
        }
    ).astype("Float64")
    table = pd.concat([keyed(rows), numbers.reset_index(drop=True)], axis=1)
    return Side(name, table, about.wall_us, about.cost_usd, about)


def typical_side(typical: pd.DataFrame) -> Side:
    """Return the side of the typical run, from `typical_rows`."""
    table = pd.DataFrame(
        {
            "caller_function": typical["caller_function"].fillna(ENTRY),
            "function_name": typical["function_name"],
            "edge_kind": typical["edge_kind"].fillna(""),
            "ordinal": typical["ordinal"],
            "start_us": typical["started_us"],
            "length_us": typical["ended_us"] - typical["started_us"],
            "cost_usd": typical["cost_usd"],
            "idle_us": typical["paid_idle_us"],
        }
    )
    table[NUMBERS] = table[NUMBERS].astype("Float64")
    wall = typical["ended_us"].max()
    return Side("the typical run", table, wall, typical["cost_usd"].sum(min_count=1))


def aligned(left: Side, right: Side) -> pd.DataFrame:
    """Return one row per row of either side: the key, both numbers, and which side has it."""
    both = left.rows.merge(
        right.rows, on=KEY, how="outer", suffixes=("_left", "_right"), indicator="where"
    )
    return both.sort_values(
        ["start_us_left", "start_us_right"], na_position="last", ignore_index=True
    )


def totals(left: Side, right: Side) -> pd.DataFrame:
    """Return one line per measure: left, right, difference."""
    measures: list[tuple[str, float | None, float | None, Callable[[float], str]]] = [
        ("end to end", left.wall_us, right.wall_us, units.duration),
        ("cost", left.cost_usd, right.cost_usd, units.money),
        ("paid idle", _idle(left), _idle(right), units.duration),
    ]
    for label, column in COUNTS:
        measures.append((label, _count(left, column), _count(right, column), units.count))
    lines = [_line(label, one, two, text) for label, one, two, text in measures]
    return pd.DataFrame(lines, columns=["measure", "left", "right", "difference"])


COUNTS = (
    ("attempts", "attempts_count"),
    ("retries", "retries_count"),
    ("failed attempts", "failed_count"),
    ("cold starts", "cold_starts_count"),
    ("dead letters", "dead_letters_count"),
)


def difference_table(both: pd.DataFrame) -> pd.DataFrame:
    """Return the aligned rows in words, largest difference in time first where both have them."""
    gap = both["length_us_left"] - both["length_us_right"]
    order = gap.abs().fillna(-1).sort_values(ascending=False, kind="stable").index
    shown = both.loc[order]
    return pd.DataFrame(
        {
            "step": [_step(row) for row in shown.itertuples()],
            "by": shown["edge_kind"],
            "left": [units.duration(length) for length in shown["length_us_left"]],
            "right": [units.duration(length) for length in shown["length_us_right"]],
            "time": [_signed(length, units.duration) for length in gap[order]],
            "cost": [
                _signed(usd, units.money)
                for usd in shown["cost_usd_left"] - shown["cost_usd_right"]
            ],
            "idle": [
                _signed(length, units.duration)
                for length in shown["idle_us_left"] - shown["idle_us_right"]
            ],
            "path": [WHERE[str(where)] for where in shown["where"]],
        }
    )


WHERE = {"both": "in both", "left_only": "only left", "right_only": "only right"}


def verdict(left: Side, right: Side, both: pd.DataFrame) -> str:
    """Return the differences that matter as markdown; every name in it is escaped."""
    sentences = [_time_sentence(left, right), _steps_sentence(both), *_path_sentences(both)]
    return " ".join(part for part in [*sentences, _money_sentence(left, right)] if part)


def _time_sentence(left: Side, right: Side) -> str:
    if _unknown(left.wall_us) or _unknown(right.wall_us):
        return "How long one of them took is unknown."
    gap = float(left.wall_us or 0) - float(right.wall_us or 0)
    if abs(gap) < WORTH_SAYING_SHARE * max(float(left.wall_us or 0), 1.0):
        return "Both took about the same time."
    word = "longer" if gap > 0 else "less"
    return f"Left took **{units.duration(abs(gap))} {word}** than {escaped(right.name)}."


def _steps_sentence(both: pd.DataFrame) -> str:
    gap = both["length_us_left"] - both["length_us_right"]
    longest = pd.concat([both["length_us_left"], both["length_us_right"]]).max()
    if _unknown(longest):
        return ""
    worth = gap[gap.abs() >= WORTH_SAYING_SHARE * float(longest)].dropna()
    chosen = worth.abs().sort_values(ascending=False).index[:NAMED_MAX]
    names = [
        f"{escaped(both.loc[at, 'function_name'])} {escaped(_signed(gap[at], units.duration))}"
        for at in chosen
    ]
    return f"Most of it: {', '.join(names)}." if names else ""


def _path_sentences(both: pd.DataFrame) -> list[str]:
    found = []
    for where, word in (("left_only", "left"), ("right_only", "right")):
        names = list(dict.fromkeys(both.loc[both["where"] == where, "function_name"]))
        if names:
            more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
            shown = ", ".join(escaped(name) for name in names[:NAMED_MAX])
            found.append(f"Only {word} ran **{shown}**{more}.")
    return found


def _money_sentence(left: Side, right: Side) -> str:
    if _unknown(left.cost_usd) or _unknown(right.cost_usd) or not right.cost_usd:
        return ""
    times = float(left.cost_usd or 0) / float(right.cost_usd)
    if times >= MANY_TIMES:
        return f"It cost **{times:.1f} times as much**."
    return f"It cost **{abs(times - 1) * 100:.0f} % {'more' if times >= 1 else 'less'}**."


def _step(row: pd.Series) -> str:
    name = clipped(row.function_name)
    numbered = f"{name} #{int(row.ordinal)}" if row.ordinal > 1 else name
    return (
        numbered if row.caller_function == ENTRY else f"{clipped(row.caller_function)} → {numbered}"
    )


def _line(
    label: str, one: float | None, two: float | None, text: Callable[[float], str]
) -> tuple[str, str, str, str]:
    shown = [units.UNKNOWN if _unknown(value) else text(float(value or 0)) for value in (one, two)]
    if _unknown(one) or _unknown(two):
        return label, shown[0], shown[1], units.UNKNOWN
    return label, shown[0], shown[1], _signed(float(one or 0) - float(two or 0), text)


def _signed(value: float | None, text: Callable[[float], str]) -> str:
    if value is None or _unknown(value):
        return units.UNKNOWN
    if value == 0:
        return "same"
    return f"{'+' if value > 0 else '-'}{text(abs(float(value)))}"


def _unknown(value: object) -> bool:
    return value is None or units.is_unknown(value)


def _idle(side: Side) -> float | None:
    total = side.rows["idle_us"].sum(min_count=1)
    return None if _unknown(total) else float(total)


def _count(side: Side, column: str) -> float | None:
    return None if side.counts is None else side.counts[column]
