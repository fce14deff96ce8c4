"""What to change: findings as sentences, with the money or the word risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped, escaped

if TYPE_CHECKING:
    import pandas as pd

TITLES = {
    "merge": "Merge **{callee}** into **{caller}**",
    "make_async": "Call **{callee}** from **{caller}** without waiting",
    "make_durable": "Make **{caller}** durable while it waits for **{callee}**",
    "buffer": "Put a queue before **{callee}**",
    "add_dlq": "Give **{callee}** a dead-letter queue",
    "add_interface": "Put an interface before **{callee}**",
}
REASONS = {
    "merge": "always awaited, same owner",
    "make_async": "the result is never read",
    "make_durable": "the wait is billed, durable waits are not",
    "buffer": "it throttles, bursts or meets a slower system",
    "add_dlq": "events are lost after the last retry",
    "add_interface": "the call crosses an ownership line",
}
MANY_TITLES = {
    "buffer": "Put a queue before **{count} functions**",
    "add_dlq": "Give **{count} functions** a dead-letter queue",
    "add_interface": "Put an interface before **{count} functions**",
}
RISKS = frozenset(MANY_TITLES)
MANY = 3
"""From so many alike on, risks without a saving share one card."""


@dataclass(frozen=True, slots=True)
class Card:
    """One change: `title` is markdown with escaped names, `badge` dollars a month or "risk"."""

    title: str
    badge: str
    hue: Literal["blue", "orange", "gray"]
    reason: str
    arithmetic: str
    counter_evidence: str


def cards(findings: pd.DataFrame) -> list[Card]:
    """Return what asks for a change, in the order given; many risks alike share one card."""
    alike: dict[str, list[pd.Series]] = {}
    for finding in findings.itertuples():
        if finding.verdict in TITLES:
            is_risk = _badge(finding)[0] == "risk"
            key = finding.verdict if is_risk else f"{finding.verdict} {finding.Index}"
            alike.setdefault(key, []).append(finding)
    return [card for group in alike.values() for card in _cards(group)]


def _cards(group: list[pd.Series]) -> list[Card]:
    return [_shared_card(group)] if len(group) >= MANY else [_card(finding) for finding in group]


def _shared_card(group: list[pd.Series]) -> Card:
    verdict = group[0].verdict
    names = [_name(finding.callee_function) for finding in group]
    singles = [_card(finding) for finding in group]
    return Card(
        title=MANY_TITLES[verdict].format(count=len(set(names))),
        badge="risk",
        hue="orange",
        reason=f"{REASONS[verdict]} · {', '.join(dict.fromkeys(names))}",
        arithmetic=_list(group, [card.arithmetic for card in singles]),
        counter_evidence=_list(group, [card.counter_evidence for card in singles]),
    )


def _list(group: list[pd.Series], texts: list[str]) -> str:
    """Return plain text, a line for each finding: what shows it does not read markdown."""
    return "\n".join(
        f"{clipped(finding.callee_function, 48)}: {text}"
        for finding, text in zip(group, texts, strict=True)
    )


def left_alone(findings: pd.DataFrame) -> str:
    """Return how many edges are fine as they are or too rare to judge; "" where none is."""
    verdicts = list(findings["verdict"])
    fine, rare = verdicts.count("leave_alone"), verdicts.count("not_enough_calls")
    parts = [
        f"{units.counted(fine, 'edge')}: leave alone" if fine else "",
        f"{units.counted(rare, 'edge')}: not enough calls to judge" if rare else "",
    ]
    return " · ".join(part for part in parts if part)


def _card(finding: pd.Series) -> Card:
    names = {"caller": _name(finding.caller_function), "callee": _name(finding.callee_function)}
    badge, hue = _badge(finding)
    evidence = finding.counter_evidence
    return Card(
        title=TITLES[finding.verdict].format(**names),
        badge=badge,
        hue=hue,
        reason=f"{REASONS[finding.verdict]} · {units.counted(finding.calls_count, 'call')}",
        arithmetic=_text(finding.arithmetic, "no arithmetic was recorded"),
        counter_evidence=_text(evidence, "no counter-evidence was found"),
    )


def _badge(finding: pd.Series) -> tuple[str, Literal["blue", "orange", "gray"]]:
    saving = finding.saving_usd_month
    if not units.is_unknown(saving) and saving > 0:
        return escaped(f"{units.money(saving)} / month"), "blue"
    return ("risk", "orange") if finding.verdict in RISKS else ("no saving measured", "gray")


def _name(name: object) -> str:
    return "its caller" if units.is_unknown(name) else escaped(name, 48)


def _text(text: object, otherwise: str) -> str:
    return otherwise if units.is_unknown(text) or not text else clipped(text, 2_000)
