"""How old and how complete the data is, in one line at the top of every page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

STALE_AFTER_US = 15 * units.MINUTE_US
PARTIAL_BELOW = 0.8
PROBLEM_MAX = 120
SHARES = {
    "with_record_share": "recorded",
    "with_report_share": "billed",
    "linked_share": "linked",
}
PRICES = (
    "All money is at AWS list prices, from the dated table `prices`: no free tier, no savings "
    "plan, no private rate."
)


@dataclass(frozen=True, slots=True)
class Freshness:
    """Two short claims, and the `notices` that a reader must know: what is missing, what to do."""

    age: str
    is_stale: bool
    coverage: str
    is_partial: bool
    notices: list[str]


def freshness(facts: pd.Series, now_us: int) -> Freshness:
    """Return what the row of the query `freshness` means at `now_us`."""
    age, is_stale = _age(facts, now_us)
    coverage, is_partial = _coverage(facts)
    notices = _of_the_run(facts)
    if is_stale:
        notices.append(f"No newer data: {age}. Look at the collector's schedule and its log.")
    if is_partial:
        notices.append(f"Not all is known: {coverage}. What is missing is shown as unknown.")
    return Freshness(age, is_stale, coverage, is_partial, notices)


def _age(facts: pd.Series, now_us: int) -> tuple[str, bool]:
    if units.is_unknown(facts.collected_us):
        return "imported, no collector run", False
    age_us = max(0, now_us - int(facts.collected_us))
    if age_us < units.MINUTE_US:
        return "collected just now", False
    return f"collected {coarse(age_us)} ago", age_us > STALE_AFTER_US


def coarse(length_us: float) -> str:
    """Return an age in its largest unit, because seconds are noise in "3 h ago"."""
    for unit_us, name in ((units.DAY_US, "d"), (units.HOUR_US, "h"), (units.MINUTE_US, "min")):
        if length_us >= unit_us:
            return f"{int(length_us // unit_us)} {name}"
    return "less than a minute"


def _coverage(facts: pd.Series) -> tuple[str, bool]:
    if units.is_unknown(facts.invocations_count) or facts.invocations_count == 0:
        return "coverage unknown", False
    known = [(facts[name], word) for name, word in SHARES.items()]
    known = [(share, word) for share, word in known if not units.is_unknown(share)]
    lowest, word = min(known, default=(None, "coverage"))
    rejects = 0 if units.is_unknown(facts.rejects_count) else int(facts.rejects_count)
    rejected = f" · {units.counted(rejects, 'reject')}" if rejects else ""
    is_partial = lowest is None or lowest < PARTIAL_BELOW
    return f"{units.share(lowest)} {word}{rejected}", is_partial


def coverage_detail(facts: pd.Series) -> str:
    """Return the shares behind the coverage claim, one line each, as markdown."""
    lines = (
        ("invocations seen", units.count(facts.invocations_count)),
        ("with a record line of the layer", units.share(facts.with_record_share)),
        ("with a REPORT line (billing)", units.share(facts.with_report_share)),
        ("linked to their cause", units.share(facts.linked_share)),
        ("sampled", units.share(facts.sampled_share)),
        ("lines that did not parse", units.count(facts.rejects_count)),
    )
    return "\n".join(f"- {name}: **{value}**" for name, value in lines)


def _of_the_run(facts: pd.Series) -> list[str]:
    """Return which sources the newest run did not read to their end, with their first problem."""
    outcome = facts.run_outcome
    if units.is_unknown(outcome) or outcome == "ok":
        return []
    word = {"partial": "was not complete", "failed": "failed"}.get(outcome, f"ended as {outcome}")
    unread = "; ".join(_unread(facts.run_detail))
    return [f"The last collector run {word}" + (f": {unread}" if unread else "") + "."]


def _unread(detail: object) -> list[str]:
    try:
        sources = json.loads(str(detail))
    except ValueError:
        return []
    told = sources.items() if isinstance(sources, dict) else ()
    return [_problem(name, each) for name, each in told if not each.get("is_complete", True)]


def _problem(name: str, source: Mapping[str, list[object]]) -> str:
    problems = source.get("problems") or ["not read to its end"]
    more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"{name} ({clipped(problems[0], PROBLEM_MAX)}{more})"
