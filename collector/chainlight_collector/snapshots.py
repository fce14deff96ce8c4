"""Copies of the database for readers: the writer never waits for a reader, nor a reader for it.

A snapshot is a whole file under a name of its own in ``<db>.snapshots/``; a pointer file beside
them names the newest and is replaced atomically. What a reader has open is never changed; the
three newest are kept. Killed at any moment, the pointer names a whole snapshot or the one before.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from chainlight_collector.errors import StoreMissingError

if TYPE_CHECKING:
    from chainlight_collector.store import Store

KEPT_COUNT = 3
POINTER = "newest"
_UNFINISHED = ".unfinished"


def publish(store: Store) -> Path:
    """Copy the database as it is now under a new name, point readers to it, and return its path.

    Call it outside of a transaction. Old snapshots beyond three are deleted.
    """
    store.checkpoint()
    folder = folder_of(store.path)
    folder.mkdir(exist_ok=True)
    target = folder / f"{store.path.stem}-{_next_version(folder, store.path.stem)}.duckdb"
    _copy(store.path, target)
    _point(folder, target.name)
    _prune(folder, store.path.stem)
    return target


def newest(db_path: Path) -> Path:
    """Return the path of the newest snapshot; open it read-only, it never changes.

    Raises:
        StoreMissingError: nothing was published yet.

    """
    folder = folder_of(db_path)
    try:
        name = (folder / POINTER).read_text("utf-8").strip()
    except FileNotFoundError as error:
        raise StoreMissingError(
            f"{db_path} has no snapshot in {folder} yet. `chainlight collect` and "
            "`chainlight import` publish one when they end."
        ) from error
    return folder / name


def folder_of(db_path: Path) -> Path:
    """Return the folder that holds the snapshots of a database."""
    return db_path.with_name(f"{db_path.name}.snapshots")


def _next_version(folder: Path, stem: str) -> int:
    """Return epoch microseconds, and always more than the versions that are there."""
    versions = [_version(file) for file in folder.glob(f"{stem}-*.duckdb")]
    return max([time.time_ns() // 1000, *(version + 1 for version in versions)])


def _version(file: Path) -> int:
    digits = file.stem.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def _copy(source: Path, target: Path) -> None:
    """Copy under a name that nobody reads, on the disk before it gets its own."""
    unfinished = target.with_name(target.name + _UNFINISHED)
    shutil.copyfile(source, unfinished)
    _to_disk(unfinished)
    unfinished.replace(target)


def _point(folder: Path, name: str) -> None:
    unfinished = folder / (POINTER + _UNFINISHED)
    unfinished.write_text(name + "\n", "utf-8")
    _to_disk(unfinished)
    unfinished.replace(folder / POINTER)


def _prune(folder: Path, stem: str) -> None:
    """Delete the oldest; a reader that has one open keeps its content until it closes."""
    files = sorted(folder.glob(f"{stem}-*.duckdb"), key=_version)
    leftovers = [file for file in folder.glob(f"{stem}-*{_UNFINISHED}") if file.is_file()]
    for file in [*files[:-KEPT_COUNT], *leftovers]:
        with contextlib.suppress(OSError):
            file.unlink()


def _to_disk(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
