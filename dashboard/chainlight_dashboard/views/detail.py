"""One row of the waterfall in numbers: its attempts, its calls and its money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import console_links, units
from chainlight_dashboard.views.plain import clipped, escaped

EDGES = {
    "sync": "called and awaited",
    "async": "called without waiting",
}

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Detail:
    """What the panel shows; `title` and `subtitle` are markdown with escaped names."""

    title: str
    subtitle: str
    request_id: str
    facts: list[tuple[str, str]]
    attempts: pd.DataFrame
    calls: pd.DataFrame
    money: list[tuple[str, str]]
    console: list[tuple[str, str]]


def detail(
    row: pd.Series, attempts: pd.DataFrame, calls: pd.DataFrame, chain_id: str = ""
) -> Detail:
    """Return the panel of one row of `chain_rows`, from the chain's attempts and calls."""
    own = attempts[
        (attempts["function_name"] == row.function_name)
        & (attempts["request_id"] == row.request_id)
    ]
    made = calls[
        (calls["caller_function"] == row.function_name)
        & (calls["caller_request_id"] == row.request_id)
    ]
    return Detail(
        title=escaped(row.function_name),
        subtitle=_subtitle(row),
        request_id="" if units.is_unknown(row.request_id) else clipped(row.request_id, 200),
        facts=_facts(row),
        attempts=_attempts(own),
        calls=_calls(made),
        money=_money(row, own),
        console=console_links.links(own, chain_id),
    )


def _subtitle(row: pd.Series) -> str:
    edge = "entry" if units.is_unknown(row.parent_row) else EDGES.get(row.edge_kind, row.edge_kind)
    tries = units.counted(row.attempts_count, "attempt")
    return f"{escaped(edge)} · {tries} · {escaped(row.status)}"


def _facts(row: pd.Series) -> list[tuple[str, str]]:
    return [
        ("start to end", units.duration(_length(row.started_us, row.ended_us))),
        ("queued before", units.duration(_length(row.sent_us, row.started_us))),
        ("paid idle", units.duration(row.paid_idle_us)),
    ]


def _money(row: pd.Series, attempts: pd.DataFrame) -> list[tuple[str, str]]:
    """Return what the invocation cost this chain, and what of it bought nothing."""
    wasted = attempts.loc[attempts["outcome"] != "ok", "cost_usd"].sum()
    lines = [("cost", units.money(row.cost_usd)), ("of it waiting", units.money(row.paid_idle_usd))]
    shares = attempts["share"].dropna()
    if len(shares) and shares.min() < 1:
        lines.append(("this chain's share", units.share(float(shares.mean()))))
    return [*lines, ("failed attempts", units.money(wasted))] if wasted else lines


def _length(from_us: float | None, to_us: float | None) -> float | None:
    if from_us is None or to_us is None or units.is_unknown(from_us) or units.is_unknown(to_us):
        return None
    return max(0.0, to_us - from_us)


def _attempts(attempts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "try": attempts["attempt_number"],
            "outcome": _texts(_outcomes(attempts)),
            "ran": _texts(units.duration(length) for length in attempts["duration_us"]),
            "paid idle": _texts(units.duration(length) for length in attempts["paid_idle_us"]),
            "cost": _texts(units.money(cost) for cost in attempts["cost_usd"]),
            "memory": _texts(map(_memory, attempts["max_memory_used_mb"], attempts["memory_mb"])),
        }
    )


def _outcomes(attempts: pd.DataFrame) -> Iterable[str]:
    for outcome, error, cold in zip(
        attempts["outcome"], attempts["error_type"], attempts["is_cold"], strict=True
    ):
        named = outcome if units.is_unknown(error) else clipped(error)
        yield f"{named}, cold" if cold is True or cold == 1 else str(named)


def _memory(used_mb: float, set_mb: float) -> str:
    used = "?" if units.is_unknown(used_mb) else units.count(used_mb)
    return f"{used} of {units.count(set_mb)} MB"


def _calls(calls: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "call": _texts(clipped(target) for target in calls["target"]),
            "mode": calls["mode"],
            "wait": _texts(units.duration(length) for length in calls["wait_us"]),
            "tries": calls["tries_count"],
            "evidence": _texts(
                "not linked" if units.is_unknown(word) else word for word in calls["evidence"]
            ),
        }
    )


def _texts(values: Iterable[object]) -> pd.Series:
    return pd.Series([str(value) for value in values], dtype=object).to_numpy()
