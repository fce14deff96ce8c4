"""What a column of a table shows: its words, what it is sorted by, its bar or its course.

Python decides every meaning; the browser only paints. Unknown is the word "unknown", sorts last in
both directions and has no bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chainlight_dashboard.views import units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from chainlight_dashboard.views.zones import Zone


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `text` turns a known value into words, `end` is where a bar is full."""

    heading: str
    text: Callable[[object], str]
    mark: Literal["word", "number", "bar", "course"] = "word"
    width: int = 0
    end: float = 1.0
    hue: Literal["blue", "gray"] = "gray"


def words(heading: str, width: int = 0) -> Column:
    """Return a column of text as it is."""
    return Column(heading, str, "word", width)


def number(heading: str, width: int = 0, form: str = "") -> Column:
    """Return a column of numbers in a printf form, or whole with thousands separated."""
    return Column(heading, _printed(form), "number", width)


def bar(
    heading: str, width: int, form: str = "", *, end: float, hue: Literal["blue", "gray"] = "gray"
) -> Column:
    """Return a column of numbers as `number` does, each beside a bar of its share of `end`."""
    return Column(heading, _printed(form), "bar", width, end, hue)


def course(heading: str, width: int, form: str) -> Column:
    """Return a column of lists, each drawn as a line; read aloud, it is its last value."""
    return Column(heading, lambda values: _last(values, _printed(form)), "course", width)


def instant(heading: str, width: int, zone: Zone) -> Column:
    """Return a column of epoch microseconds as times of day to the millisecond."""
    return Column(
        heading,
        lambda at_us: f"{units.moment(float(str(at_us)), zone.clock):%H:%M:%S.%f}"[:-3],
        "number",
        width,
    )


def moment(heading: str, width: int, zone: Zone) -> Column:
    """Return a column of epoch microseconds as instants of a clock."""
    return Column(
        heading, lambda at_us: units.instant(float(str(at_us)), zone.clock), "number", width
    )


def sent(column: Column, values: pd.Series) -> dict[str, object]:
    """Return what the browser paints one column from."""
    listed = values.tolist()
    painted: dict[str, object] = {
        "heading": column.heading,
        "width": column.width,
        "mark": column.mark,
        "hue": column.hue,
        "texts": [words_of(column, value) for value in listed],
    }
    if column.mark in {"number", "bar"}:
        painted["sorts"] = [None if units.is_unknown(value) else float(value) for value in listed]
    if column.mark == "bar":
        painted["shares"] = [_share(value, column.end) for value in listed]
    if column.mark == "course":
        painted["sorts"] = [float(course[-1]) if len(course) else None for course in listed]
        painted["courses"] = [_heights(course) for course in listed]
    return painted


def words_of(column: Column, value: object) -> str:
    """Return what a column says for a value."""
    is_known = column.mark == "course" or not units.is_unknown(value)
    return column.text(value) if is_known else units.UNKNOWN


def _share(value: float, end: float) -> float:
    return 0.0 if units.is_unknown(value) else min(1.0, max(0.0, float(value) / end))


def _printed(form: str) -> Callable[[object], str]:
    if form:
        return lambda value: form % value
    return lambda value: units.count(float(str(value)))


def _last(values: object, text: Callable[[object], str]) -> str:
    listed: Sequence[float] = list(values)  # type: ignore[call-overload]
    return f"latest {text(listed[-1])}" if listed else units.UNKNOWN


def _heights(values: Iterable[float]) -> list[float]:
    """Return values as heights of 0..1; equal ones lie in the middle."""
    listed = [float(value) for value in values]
    low, high = min(listed, default=0.0), max(listed, default=0.0)
    return [round((value - low) / (high - low), 3) if high > low else 0.5 for value in listed]
