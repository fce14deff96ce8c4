"""Tells whoever runs the dashboard which queries are slow: a line on stderr each, nothing below.

A reader sees only that a page takes long. CHAINLIGHT_SLOW_MS (default 2000) says what is worth a
line.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOW_MS = float(os.environ.get("CHAINLIGHT_SLOW_MS", "2000"))
_log = logging.getLogger("chainlight_dashboard.slow")


@contextmanager
def noted(name: str) -> Iterator[None]:
    """Time what is done inside, and say so where it took long; a failure is not timed."""
    started_s = time.perf_counter()
    yield
    took_ms = 1000 * (time.perf_counter() - started_s)
    if took_ms >= SLOW_MS:
        _log.warning("chainlight dashboard: %s took %.0f ms", name, took_ms)
