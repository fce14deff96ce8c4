"""The time range of a page: which instants it covers, and which ones came just before."""

from __future__ import annotations

from dataclasses import dataclass

from chainlight_dashboard.views.units import DAY_US, HOUR_US, MINUTE_US

LENGTHS_US: dict[str, int | None] = {
    "1 h": HOUR_US,
    "24 h": DAY_US,
    "7 d": 7 * DAY_US,
    "30 d": 30 * DAY_US,
    "all": None,
}
DEFAULT = "24 h"
STEPS_PER_RANGE = 144
"""A range starts on a whole one of so many parts of it, so that readers share an answer longer."""
PAGES = ("", "chains", "functions", "waiting", "shape")
"""The addresses of the pages that show a time range."""
END_OF_TIME_US = 32_503_680_000_000_000  # the year 3000


@dataclass(frozen=True, slots=True)
class Window:
    """From `from_us` up to, without, `to_us`; `length_us` is None for all time."""

    label: str
    from_us: int
    to_us: int
    length_us: int | None

    @property
    def bounds(self) -> dict[str, int]:
        """Return the window as query parameters."""
        return {"from_us": self.from_us, "to_us": self.to_us}

    @property
    def before(self) -> dict[str, int]:
        """Return the window of the same length that ends where this one starts."""
        return {"from_us": self.from_us - (self.length_us or 0), "to_us": self.from_us}


def window(label: str | None, now_us: int) -> Window:
    """Return the range `label`, longer by one step of it at most: answers to it can be reused."""
    chosen = label if label in LENGTHS_US else DEFAULT
    length_us = LENGTHS_US[chosen]
    if length_us is None:
        return Window(chosen, 0, END_OF_TIME_US, None)
    step_us = max(MINUTE_US, min(HOUR_US, length_us // STEPS_PER_RANGE))
    from_us = (now_us - length_us) // step_us * step_us
    return Window(chosen, from_us, END_OF_TIME_US, length_us)
