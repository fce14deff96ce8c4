"""The functions as a table: how each does, what it costs, and where its failed events go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped
from chainlight_dashboard.views.verdict import queue_name

if TYPE_CHECKING:
    from collections.abc import Iterator


def function_table(functions: pd.DataFrame) -> pd.DataFrame:
    """Return one row per function; shares are 0..100, lengths seconds, money US dollars a month.

    `dlq` is the queue's name, "none" where an async function has none, "n/a" where nobody calls
    it asynchronously, and "unknown" where its configuration was never read.
    """
    used = functions["max_memory_used_mb"] / functions["memory_mb"]
    return pd.DataFrame(
        {
            "function": [clipped(name) for name in functions["function_name"]],
            "owner": [_text(owner) for owner in functions["owner"]],
            "runs": functions["invocations_count"],
            "failed": functions["failed_share"] * 100,
            "timeouts": functions["timeouts_count"],
            "throttles": functions["throttled_count"],
            "cold": functions["cold_share"] * 100,
            "p95_s": functions["duration_p95_us"] / units.SECOND_US,
            "memory": [_memory(row) for row in functions.itertuples()],
            "memory_used": (used * 100).astype("Float64"),
            "cost_usd": functions["cost_usd_month"],
            "idle_usd": functions["paid_idle_usd_month"],
            "dlq": list(_dead_letter_places(functions)),
            "layer": ["yes" if has else "no" for has in functions["has_layer"]],
        }
    )


def summary(functions: pd.DataFrame) -> str:
    """Return how many functions there are, how many ran, and how many lose events silently."""
    ran = int((functions["invocations_count"] > 0).sum())
    unprotected = sum(place == "none" for place in _dead_letter_places(functions))
    silent = int(
        (~functions["has_layer"].astype(bool) & (functions["invocations_count"] > 0)).sum()
    )
    parts = [
        f"{units.counted(len(functions), 'function')}, {ran} of them ran",
        f"{unprotected} async without DLQ or destination" if unprotected else "",
        f"{silent} without the layer" if silent else "",
    ]
    return " · ".join(part for part in parts if part)


def _dead_letter_places(functions: pd.DataFrame) -> Iterator[str]:
    for row in functions.itertuples():
        known = next(
            (arn for arn in (row.dlq_arn, row.on_failure_arn) if not units.is_unknown(arn)), None
        )
        if known is not None:
            yield clipped(queue_name(known))
        elif not row.is_async_target:
            yield "n/a"
        else:
            yield "none" if row.has_config else units.UNKNOWN


def _memory(row: pd.Series) -> str:
    used = "?" if units.is_unknown(row.max_memory_used_mb) else units.count(row.max_memory_used_mb)
    size = "?" if units.is_unknown(row.memory_mb) else units.count(row.memory_mb)
    return f"{used} / {size} MB"


def _text(value: object) -> str:
    return units.UNKNOWN if units.is_unknown(value) else clipped(value)
