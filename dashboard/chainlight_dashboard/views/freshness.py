"""How old and how complete the data is, in one line at the top of every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainlight_dashboard.views import units

if TYPE_CHECKING:
    import pandas as pd

STALE_AFTER_US = 15 * units.MINUTE_US
PARTIAL_BELOW = 0.8
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
    """Two short claims and their details; `advice` says what to do, or is empty."""

    age: str
    is_stale: bool
    coverage: str
    is_partial: bool
    advice: str


def freshness(facts: pd.Series, now_us: int) -> Freshness:
    """Return what the row of the query `freshness` means at `now_us`."""
    age, is_stale = _age(facts, now_us)
    coverage, is_partial = _coverage(facts)
    return Freshness(age, is_stale, coverage, is_partial, _advice(facts, is_stale=is_stale))


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
    lowest, word = min(known, default=(None, "covered"))
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


def _advice(facts: pd.Series, *, is_stale: bool) -> str:
    if not units.is_unknown(facts.run_outcome) and facts.run_outcome not in {"ok", "partial"}:
        return f"The last collector run ended as {facts.run_outcome}."
    if is_stale:
        return "The collector has not run for 15 minutes; check its schedule and its log."
    return ""
