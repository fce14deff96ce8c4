"""What an attempt weighs in the lake, and how long three questions take as it grows.

Each question is asked of an opened lake, its files in the page cache as far as they fit; opening
is told apart. Minimum and maximum of the rounds are printed, beside the sizes measured before.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from chainlight_collector.lake_store import LakeStore
from chainlight_collector.store import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lake import Lake

ROUNDS = 5
HEAVIEST = 6
POINT = "SELECT * FROM chain_timeline WHERE chain_id = $chain_id ORDER BY row"
DAY = "SELECT * FROM edges_daily WHERE day = $day"
FINDINGS = "SELECT * FROM findings"


def measure(lake: Lake, kept: Path) -> None:
    """Print the figures of this size, and how they grew from the size before it."""
    figures = _weighed(lake) | _asked(lake)
    every = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    every[str(figures["attempts"])] = figures
    kept.write_text(json.dumps(every, indent=1), "utf-8")
    smaller = [size for size in map(int, every) if size < figures["attempts"]]
    before = every[str(min(smaller))] if smaller else None
    print(f"{figures['attempts']:,} attempts in the lake, load {os.getloadavg()[0]:.1f}")
    for name, value in figures.items():
        if name != "attempts":
            print(f"  {name:28} {value:12,.1f}{_grown(name, value, before)}")


def _grown(name: str, value: float, before: dict[str, Any] | None) -> str:
    if not before or not before.get(name):
        return ""
    return f"   x{value / before[name]:.1f} of {before['attempts']:,} attempts"


def _weighed(lake: Lake) -> dict[str, float]:
    with LakeStore.read(lake.address) as store:
        count = int(store.query("SELECT count(*) FROM attempt_rows").fetchall()[0][0])
    total = sum(lake.bytes.values())
    heaviest = sorted(lake.bytes, key=lambda table: -lake.bytes[table])[:HEAVIEST]
    return {
        "attempts": count,
        "megabytes": total / 1e6,
        "bytes an attempt": total / count,
        **{f"  {table}": lake.bytes[table] / count for table in heaviest},
        "files": sum(map(len, lake.files.values())),
    }


def _asked(lake: Lake) -> dict[str, float]:
    started_s = time.perf_counter()
    with LakeStore.read(lake.address, Settings(threads=2, memory_limit="6GB")) as store:
        opened_ms = 1000 * (time.perf_counter() - started_s)
        chains = store.query(
            "SELECT chain_id FROM chain_rows USING SAMPLE 20 ROWS (reservoir, 7)"
        ).fetchall()
        last = store.query("SELECT max(day) FROM edge_day_rows").fetchall()[0][0]
        turns = iter(chains * ROUNDS)
        return {
            "open ms": opened_ms,
            **_timed("one chain ms", lambda: _all(store, POINT, chain_id=next(turns)[0])),
            **_timed("last day's edges ms", lambda: _all(store, DAY, day=last)),
            **_timed("monthly findings ms", lambda: _all(store, FINDINGS)),
        }


def _all(store: LakeStore, sql: str, **parameters: object) -> object:
    return store.query(sql, parameters).fetchall()


def _timed(name: str, ask: Callable[[], object]) -> dict[str, float]:
    ask()
    took_ms = []
    for _ in range(ROUNDS):
        started_s = time.perf_counter()
        ask()
        took_ms.append(1000 * (time.perf_counter() - started_s))
    return {f"{name}, min": min(took_ms), f"{name}, max": max(took_ms)}
