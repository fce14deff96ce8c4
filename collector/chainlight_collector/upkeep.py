"""What a lake needs now and then: small files and inlined rows become large files, old ones go.

Never younger than a day: what a version refers to stays for a day after the last version that does,
so a reader that opened it is not cut off; and a file that no version refers to may be one that a
writer has uploaded and not yet committed (deleting it let the commit succeed and every later scan
fail, measured). Files are deleted only where a catalog that readers have seen for a day says so.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import duckdb

from chainlight_collector.lake_store import LAKE
from chainlight_collector.sources import checkpoints
from chainlight_collector.sources.checkpoints import Checkpoint

if TYPE_CHECKING:
    from chainlight_collector.lake_store import LakeStore

UPKEEP = "upkeep"
HOUR_US = 3600 * 1_000_000
AGE = "INTERVAL 1 DAY"
_MERGING = (
    f"FROM ducklake_flush_inlined_data('{LAKE}')",
    f"FROM ducklake_merge_adjacent_files('{LAKE}')",
)
_FORGETTING = (
    f"FROM ducklake_expire_snapshots('{LAKE}', older_than => now() - {AGE})",
    f"FROM ducklake_cleanup_old_files('{LAKE}', older_than => now() - {AGE})",
    f"FROM ducklake_delete_orphaned_files('{LAKE}', older_than => now() - {AGE})",
)
_EVERY = {"merge": (HOUR_US, _MERGING), "forget": (24 * HOUR_US, _FORGETTING)}


def do_what_is_due(store: LakeStore) -> dict[str, str]:
    """Merge if the last time is an hour ago, let old files go if it is a day ago.

    Returns what was done, and what was put off with the reason: a reader in the way is met by
    trying again at the next run.
    """
    now_us = time.time_ns() // 1000
    done: dict[str, str] = {}
    for name in _due(store, now_us):
        try:
            done[name] = do(store, name)
        except duckdb.Error as error:
            done[name] = f"put off: {error}"
    if done:
        with store.transaction() as connection:
            points = [
                Checkpoint(UPKEEP, name, now_us, {"outcome": outcome[:200]})
                for name, outcome in done.items()
            ]
            checkpoints.write(connection, points, now_us)
    return done


def do(store: LakeStore, name: str) -> str:
    """Do one kind of upkeep now, 'merge' or 'forget', and return what DuckLake says of it."""
    _, statements = _EVERY[name]
    return json.dumps([len(store.call(statement)) for statement in statements])


def _due(store: LakeStore, now_us: int) -> list[str]:
    with store.cursor() as cursor:
        known = checkpoints.read(cursor, UPKEEP)
    if not known:  # a new lake has nothing to do yet: the first run notes when it began
        with store.transaction() as connection:
            begun = [Checkpoint(UPKEEP, name, now_us) for name in _EVERY]
            checkpoints.write(connection, begun, now_us)
        return []
    return [
        name
        for name, (every_us, _) in _EVERY.items()
        if name not in known or now_us - (known[name].position_us or 0) >= every_us
    ]
