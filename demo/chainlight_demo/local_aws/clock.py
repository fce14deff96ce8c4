"""One clock for every timestamp of the data plane: integer microseconds since the epoch."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_us() -> int:
    """Return the present moment."""
    return time.time_ns() // 1_000


def iso_ms(moment_us: int) -> str:
    """Write a moment as AWS does: `2026-11-21T22:00:00.123Z`."""
    moment = datetime.fromtimestamp(moment_us // 1_000 / 1_000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
