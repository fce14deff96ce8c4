"""The database of the benchmark: `bench/query`'s rows up to now, with what pages ask beside them.

Their shops get configurations (of each five functions one has a DLQ and one has nowhere to put what
fails), their mails that failed for good lie in a dead-letter queue, and a collector has just run.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "query"))
import rows

from chainlight_collector.store import Store

ADDED = Path(__file__).with_name("added.sql")


def make(path: Path, attempts_count: int) -> None:
    """Write a file of so many attempts, the last one just now."""
    path.unlink(missing_ok=True)
    with Store.open(path, settings=rows.SETTINGS) as store:
        fill(store, attempts_count)


def fill(store: Store, attempts_count: int) -> None:
    """Write so many attempts, the last one just now, into an empty database of any mode."""
    copies_count = round(attempts_count / rows.TEMPLATE_ATTEMPTS)
    now_us = time.time_ns() // 1_000
    rows.fill(store, attempts_count, first_us=now_us - copies_count * rows.SPAN_US)
    with store.transaction() as connection:
        connection.execute("SET VARIABLE now_us = $now_us", {"now_us": now_us})
        connection.execute(ADDED.read_text("utf-8"))
