"""One collector of the storage bench: commits batch after batch, and says so when each is kept.

`python writer.py ADDRESS FOLDER NAME UNTIL_S COUNT_MAX`: goes on where the file NAME.acked ends, so
that a killed one, started again, first brings the batch that it may or may not have committed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import batches

from chainlight_collector import addresses, ingest, places
from chainlight_collector.derive import postpone
from chainlight_collector.errors import StoreConflictError
from chainlight_collector.lake_store import LakeStore
from chainlight_collector.objects import LostRaceError
from chainlight_collector.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable


def main(address_text: str, folder_name: str, name: str, until_s: str, count_max: str) -> None:
    """Write until the time is over."""
    address, folder = addresses.parse(address_text), Path(folder_name)
    going_on = partial(_write, folder, name, float(until_s), int(count_max))
    if isinstance(address, addresses.LakeAddress):
        with LakeStore.write(address) as store:
            going_on(partial(_commit_to_lake, store))
    else:
        going_on(partial(_publish, address, folder / f"{name}-versions"))


def _write(
    folder: Path, name: str, until_s: float, count_max: int, commit: Callable[[Path], int]
) -> None:
    acked = folder / f"{name}.acked"
    number = len(acked.read_text().splitlines()) if acked.exists() else 0
    with acked.open("a", buffering=1) as told, tempfile.TemporaryDirectory() as scratch:
        while time.time() < until_s and number < count_max:
            file = Path(scratch, "batch.ndjson")
            file.write_text("".join(f"{one}\n" for one in batches.documents(name, number)))
            started_s = time.perf_counter()
            redone_count = commit(file)
            took_ms = 1000 * (time.perf_counter() - started_s)
            told.write(f"{number} {took_ms:.1f} {redone_count}\n")
            number += 1


def _commit_to_lake(store: LakeStore, file: Path) -> int:
    """Commit a batch; return how often another collector was faster."""
    redone_count = 0
    while True:
        try:
            take(file, store)
        except StoreConflictError:
            redone_count += 1
        else:
            return redone_count


def _publish(address: addresses.Address, folder: Path, file: Path) -> int:
    """Publish a version with the batch; return how often it had to be done again."""
    calls: list[None] = []

    def work(store: Store) -> None:
        calls.append(None)
        take(file, store)

    while True:
        try:
            places.update(address, work, folder)
        except LostRaceError:
            continue
        return len(calls) - 1


def take(file: Path, store: Store) -> None:
    """Keep a batch in one transaction, with the note of what is to be derived."""
    with store.transaction() as connection:
        counts = ingest.log_subscriptions(connection, [file], time.time_ns() // 1000)
        if counts.touched_since_us is not None:
            postpone(connection, counts.touched_since_us)


if __name__ == "__main__":
    main(*sys.argv[1:])
