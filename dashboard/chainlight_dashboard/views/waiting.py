"""Who pays for whom: edges with what their callers paid while they waited, and the advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped, escaped

if TYPE_CHECKING:
    from collections.abc import Hashable

EDGE = ["caller_function", "callee_function", "kind", "mode"]
SETTLED = ("leave_alone", "not_enough_calls")
ADVICE = {
    "merge": "merge into the caller",
    "make_async": "call without waiting",
    "make_durable": "make the caller durable",
    "buffer": "put a queue between",
    "add_dlq": "add a dead-letter queue",
    "add_interface": "put an interface before it",
    "leave_alone": "leave alone",
    "not_enough_calls": "not enough calls",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one rule says of an edge: `title` is markdown, the others plain text."""

    title: str
    arithmetic: str
    counter_evidence: str


def edge_table(edges: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return one row per edge; lengths are seconds, shares 0..100, money US dollars a month."""
    advice = _advice(findings)
    return pd.DataFrame(
        {
            "caller": [clipped(name) for name in edges["caller_function"]],
            "callee": [clipped(name) for name in edges["callee_function"]],
            "by": [_by(row) for row in edges.itertuples()],
            "idle_usd": edges["paid_idle_usd_month"],
            "calls": edges["calls_count"],
            "wait_p50_s": edges["wait_p50_us"] / units.SECOND_US,
            "wait_p95_s": edges["wait_p95_us"] / units.SECOND_US,
            "failed": edges["failed_share"] * 100,
            "read": edges["result_read_share"] * 100,
            "advice": [
                ADVICE.get(advice.get(key, ""), "not judged")
                for key in edges[EDGE].itertuples(index=False, name=None)
            ],
        }
    )


def idents(edges: pd.DataFrame) -> list[str]:
    """Return what names each edge in an address: caller, callee, kind and mode."""
    named = edges[EDGE].itertuples(index=False, name=None)
    return [" ".join("-" if units.is_unknown(part) else str(part) for part in key) for key in named]


def chosen(edges: pd.DataFrame, wanted: str | None) -> int:
    """Return the position of the edge that an address names, the first where there is none."""
    known = idents(edges)
    return known.index(wanted) if wanted in known else 0


def summary(edges: pd.DataFrame) -> str:
    """Return what all waiting together costs a month and who burns most of it, as markdown."""
    total_usd = edges["paid_idle_usd_month"].sum(min_count=1)
    if units.is_unknown(total_usd) or not total_usd:
        return "Nobody is known to have paid for waiting."
    first = edges.iloc[0]
    part = units.share(first.paid_idle_usd_month / total_usd)
    return (
        f"Callers pay **{escaped(units.money(total_usd))} a month** to wait; "
        f"**{escaped(first.caller_function)}** for **{escaped(first.callee_function)}** "
        f"is {escaped(part)} of it."
    )


def judgements(edge: pd.Series, findings: pd.DataFrame) -> list[Judgement]:
    """Return what each rule says of one edge, changes first, with the arithmetic."""
    own = findings[
        (findings["callee_function"] == edge.callee_function)
        & (_same(findings["caller_function"], edge.caller_function))
        & (_same(findings["kind"], edge.kind))
        & (_same(findings["mode"], edge["mode"]))
    ]
    return [_judgement(finding) for finding in own.itertuples()]


def what_if(row: pd.Series | None) -> pd.DataFrame:
    """Return one line per other way to make the call, with what it would save a month."""
    if row is None:
        return pd.DataFrame(columns=["way", "saving"])
    lines = [
        (way, _saving(row[column])) for way, column in WAYS if not units.is_unknown(row[column])
    ]
    return pd.DataFrame(lines, columns=["way", "saving"])


WAYS = (
    ("merged into the caller", "merged_saving_usd_month"),
    ("called without waiting", "async_saving_usd_month"),
    ("as a durable call", "durable_saving_usd_month"),
    ("through Step Functions", "stepfunctions_saving_usd_month"),
)


def _saving(usd: float) -> str:
    return f"saves {units.money(usd)}" if usd >= 0 else f"costs {units.money(-usd)} more"


def _same(values: pd.Series, wanted: object) -> pd.Series:
    return values.isna() | (values == wanted)


def _judgement(finding: pd.Series) -> Judgement:
    saving = finding.saving_usd_month
    is_saving = not units.is_unknown(saving) and saving > 0
    badge = f" :blue-badge[{escaped(units.money(saving))} / month]" if is_saving else ""
    words = escaped(ADVICE.get(finding.verdict, finding.verdict))
    return Judgement(
        f"**{words[:1].upper()}{words[1:]}** :small[{escaped(finding.rule)}]{badge}",
        _text(finding.arithmetic, "no arithmetic was recorded"),
        _text(finding.counter_evidence, "no counter-evidence was found"),
    )


def _advice(findings: pd.DataFrame) -> dict[tuple[Hashable, ...], str]:
    """Return the first verdict per edge that asks for a change, else the first there is."""
    chosen: dict[tuple[Hashable, ...], str] = {}
    for finding in findings.itertuples():
        key = (finding.caller_function, finding.callee_function, finding.kind, finding.mode)
        if key not in chosen or chosen[key] in SETTLED:
            chosen[key] = str(finding.verdict)
    return chosen


def _by(row: pd.Series) -> str:
    return f"{row.kind}, {row.mode}" if row.kind == "lambda" else str(row.kind)


def _text(text: object, otherwise: str) -> str:
    return otherwise if units.is_unknown(text) or not text else clipped(text, 2_000)
