"""The three modes of storage behind one pair of functions: read a database, or update it.

What an address names decides how: a file is locked, changed in place and copied for readers; an
object is fetched, changed in a private copy and published by a conditional put; a lake is changed
in place by as many writers as there are. Whatever is given as ``work`` may be called again after a
lost race, on what the winner left, so it must find out by itself what is still to do.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, assert_never

from chainlight_collector import snapshots
from chainlight_collector.addresses import Address, FileAddress, LakeAddress, ObjectAddress
from chainlight_collector.errors import (
    StoreConflictError,
    StoreLockedError,
    StoreMissingError,
)
from chainlight_collector.run_lock import run_lock
from chainlight_collector.store import Store, told

if TYPE_CHECKING:
    from chainlight_collector.objects import DatabaseObject

ROUNDS_MAX = 20
Work = Callable[[Store], "ResultT"]
ResultT = TypeVar("ResultT")


@contextmanager
def reading(address: Address, folder: Path | None = None) -> Iterator[Store]:
    """Open the newest version of a database to read; it stays that version until it is closed.

    `folder` keeps what is fetched of objects (default: in the user's cache folder).

    Raises:
        StoreMissingError: there is none yet.
        StoreError: it cannot be read.

    """
    with _opened(address, folder) as store:
        yield store


def update(address: Address, work: Work[ResultT], folder: Path | None = None) -> ResultT:
    """Open a database to write, making it where there is none, let `work` change it, publish it.

    Raises:
        StoreError: it cannot be written.
        LostRaceError: of an object: others were faster five times in a row.

    """
    if isinstance(address, FileAddress):
        return _in_file(address.path, work)
    if isinstance(address, ObjectAddress):
        return _object(address, folder).update(lambda path: _in_copy(address, path, work))
    if isinstance(address, LakeAddress):
        return _in_lake(address, work)
    assert_never(address)


def _in_file(path: Path, work: Work[ResultT]) -> ResultT:
    with run_lock(path), told(path), Store.open(path) as store:
        result = work(store)
        snapshots.publish(store)
        return result


def _in_copy(address: ObjectAddress, path: Path, work: Work[ResultT]) -> ResultT:
    if address.is_catalog:
        return _in_lake(address.lake(path), work)
    with told(path), Store.open(path, catches_up=False) as store:
        result = work(store)
        store.checkpoint()
        return result


def _in_lake(address: LakeAddress, work: Work[ResultT]) -> ResultT:
    from chainlight_collector import upkeep  # noqa: PLC0415  a file needs none of it
    from chainlight_collector.lake_store import LakeStore  # noqa: PLC0415

    for left in reversed(range(ROUNDS_MAX)):
        try:
            with LakeStore.write(address) as store:
                result = work(store)
                upkeep.do_what_is_due(store)
                return result
        except StoreConflictError:
            if not left:
                raise
    raise AssertionError("the last round returns or raises")


def _opened(address: Address, folder: Path | None) -> Store:
    if isinstance(address, FileAddress):
        return _file_or_snapshot(address.path)
    if isinstance(address, ObjectAddress):
        version = _object(address, folder).fetch()
        if version.etag is None:
            raise StoreMissingError(
                f"there is no database at {address.name} yet. The collector makes it on its first "
                "run."
            )
        if not address.is_catalog:
            return Store.open(version.path, read_only=True)
        address = address.lake(version.path)
    from chainlight_collector.lake_store import LakeStore  # noqa: PLC0415  as above

    return LakeStore.read(address)


def _file_or_snapshot(path: Path) -> Store:
    """Open a file; one that a collector has open is not waited for: its snapshot is read."""
    try:
        return Store.open(path, read_only=True)
    except StoreLockedError as locked:
        try:
            newest = snapshots.newest(path)
        except StoreMissingError:
            raise locked from None
        return Store.open(newest, read_only=True)


def _object(address: ObjectAddress, folder: Path | None) -> DatabaseObject:
    # Here, because boto3 takes a third of a second and a plain file needs none of it.
    from chainlight_collector.aws import Aws  # noqa: PLC0415
    from chainlight_collector.objects import DatabaseObject  # noqa: PLC0415

    return DatabaseObject(Aws(), address.bucket, address.key, folder or _cache())


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME") or tempfile.gettempdir()
    return Path(home, "chainlight")
