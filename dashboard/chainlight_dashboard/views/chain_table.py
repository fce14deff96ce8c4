"""The list of chains as a table, and its pills."""

from __future__ import annotations

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped
from chainlight_dashboard.views.shapes import short_shapes

TAGS = ("failed", "slow", "retried", "waiting", "dlq", "cold")
TAG_NAMES = {"dlq": "DLQ"}
STATUSES = {
    "ok": "● ok",
    "failed": "✕ failed",
    "dead_lettered": "✉ dead letter",
    "partial": "◐ partly failed",
    "running": "▷ running",
}


def pill_label(tag: str, counts: pd.Series) -> str:
    """Return the label of a filter pill with the number of chains behind it: "failed 12"."""
    return f"{TAG_NAMES.get(tag, tag)}  {units.count(counts[f'{tag}_count'])}"


def chain_table(chains: pd.DataFrame) -> pd.DataFrame:
    """Return the table's columns: started epoch microseconds, lengths seconds, idle 0..100 %."""
    return pd.DataFrame(
        {
            "status": [STATUSES.get(status, f"? {status}") for status in chains["status"]],
            "entry": [clipped(name) for name in chains["entry_function"]],
            "kind": chains["entry_kind"],
            "shape": [clipped(shape, 200) for shape in short_shapes(chains["shape"])[0]],
            "started": chains["started_us"],
            "wall_s": chains["wall_us"] / units.SECOND_US,
            "answered_s": chains["answered_us"] / units.SECOND_US,
            "attempts": chains["attempts_count"],
            "retries": chains["retries_count"],
            "cold": chains["cold_starts_count"],
            "idle_share": chains["paid_idle_share"] * 100,
            "cost_usd": chains["cost_usd"],
            "dlq": chains["dead_letters_count"],
        }
    )


def shown(chains: pd.DataFrame, counts: pd.Series) -> str:
    """Return how many chains the table shows of how many: "12 of 60 chains, newest first"."""
    of_all = f" of {units.count(counts.all_count)}" if len(chains) < counts.all_count else ""
    return f"{units.count(len(chains))}{of_all} chains, newest first"
