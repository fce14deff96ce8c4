"""Chains to paint, in the columns of `chain_timeline` and `chain_segments`."""

from __future__ import annotations

from typing import Any

import pandas as pd

START_US = 1_790_000_000_000_000
ROW_COLUMNS = [
    "row", "parent_row", "function_name", "request_id", "edge_kind", "sent_us", "started_us",
    "ended_us", "attempts_count", "status", "is_on_critical_path", "cost_usd", "note",
]  # fmt: skip
SEGMENT_COLUMNS = ["row", "kind", "started_us", "ended_us", "attempt_number"]
WHOLE = ["parent_row", "sent_us", "started_us", "ended_us"]


def frames(
    rows: list[dict[str, Any]], segments: list[tuple[Any, ...]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the two frames; times are given in milliseconds after `START_US`, None is unknown."""
    lines = []
    for number, row in enumerate(rows):
        parent = row.get("parent")
        depth = 0 if parent is None else lines[parent]["depth"] + 1
        lines.append(
            {
                "chain_id": "c1",
                "row": number,
                "parent_row": parent,
                "depth": depth,
                "function_name": row.get("name", "f"),
                "request_id": row.get("request_id", f"request-{number}"),
                "edge_kind": row.get("edge", "sync"),
                "sent_us": _us(row.get("sent")),
                "started_us": _us(row.get("start", 0)),
                "ended_us": _us(row.get("end", 1)),
                "attempts_count": row.get("attempts", 1),
                "status": row.get("status", "ok"),
                "is_on_critical_path": row.get("critical", False),
                "cost_usd": row.get("cost"),
                "note": row.get("note"),
            }
        )
    pieces = [("c1", row, kind, _us(t0), _us(t1), n) for row, kind, t0, t1, n in segments]
    table = pd.DataFrame(lines).astype(dict.fromkeys(WHOLE, "Int64"))
    return table, pd.DataFrame(pieces, columns=["chain_id", *SEGMENT_COLUMNS]).astype(
        {"started_us": "Int64", "ended_us": "Int64"}
    )


def order() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a caller that waits and a callee that fails twice and ends in a dead-letter queue."""
    rows = [
        {"name": "place-order", "edge": "http", "start": 0, "end": 1000, "critical": True},
        {"parent": 0, "name": "charge-card", "sent": 100, "start": 110, "end": 800, "cost": 2e-6},
        {
            "parent": 0, "name": "emit-receipt", "edge": "async", "sent": 900, "start": 950,
            "end": 61_500, "attempts": 2, "status": "error", "note": "KeyError",
        },
    ]  # fmt: skip
    segments = [
        (0, "run", 0, 100, 1),
        (0, "idle", 100, 800, 1),
        (0, "run", 800, 1000, 1),
        (1, "cold", 110, 300, 1),
        (1, "run", 300, 800, 1),
        (2, "queued", 900, 950, 0),
        (2, "error", 950, 1500, 1),
        (2, "backoff", 1500, 61_000, 1),
        (2, "error", 61_000, 61_500, 2),
        (2, "dlq", 61_500, 61_600, 2),
    ]
    return frames(rows, segments)


def _us(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else START_US + round(milliseconds * 1000)
