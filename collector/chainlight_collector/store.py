"""The database file: opened here and nowhere else, so that its settings and schema are one.

One process owns the file for writing; readers open a snapshot (``snapshots.py``). Whatever is
written goes through ``transaction``: it is there whole after a crash, or not at all.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import duckdb

from chainlight_collector import ddl, derive
from chainlight_collector.errors import (
    StoreError,
    StoreFullError,
    StoreLockedError,
    StoreMissingError,
    StoreUnreadableError,
)
from chainlight_collector.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    Parameters = Mapping[str, object] | Sequence[object] | None


MEMORY_LIMIT = "1GB"
WRITER_THREADS = 1
"""A batch is one row group, so one task: beside it a second thread only lets Python's main thread
spin (measured: twice the CPU and 1.3 to 1.8 times the time of one thread, on 2 cores)."""

STORAGE = "v1.5.0"
"""Its text compression takes two thirds of the time of the format that DuckDB writes by default."""
WAL_MAX = "128MB"
"""Each checkpoint compresses the last row group of every table again: at DuckDB's 16 MB that was a
third of the time of an import, at this a seventh."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What DuckDB may use: threads, memory, and the folder it spills to.

    Threads are by default one for a writer and all cores for a reader.
    """

    threads: int | None = None
    memory_limit: str = MEMORY_LIMIT
    temp_directory: str | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """Read CHAINLIGHT_THREADS, CHAINLIGHT_MEMORY_LIMIT and CHAINLIGHT_TEMP_DIRECTORY."""
        threads = os.environ.get("CHAINLIGHT_THREADS")
        return cls(
            threads=int(threads) if threads else None,
            memory_limit=os.environ.get("CHAINLIGHT_MEMORY_LIMIT", MEMORY_LIMIT),
            temp_directory=os.environ.get("CHAINLIGHT_TEMP_DIRECTORY"),
        )

    def config(
        self, path: Path, *, read_only: bool
    ) -> dict[str, str | bool | int | float | list[str]]:
        """Return these settings in DuckDB's words; the file at ``path`` names the spill folder."""
        chosen: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": self.memory_limit,
            "temp_directory": self.temp_directory or f"{path}{_SPILLED}",
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
        if not read_only:
            chosen |= {
                "storage_compatibility_version": STORAGE,
                "checkpoint_threshold": WAL_MAX,
                "max_vacuum_tasks": 1,
            }
        threads = self.threads or (None if read_only else WRITER_THREADS)
        if threads is not None:
            chosen["threads"] = threads
        return chosen


_SPILLED = ".tmp"
_LEAVE_ROW_GROUPS = "SET max_vacuum_tasks = 0"
"""Each commit makes row groups of its own, and each checkpoint merges those that it can. The small
ones of a run have to be merged; those of a full slice are two thirds full, and merging four into
three again and again took a sixth of the time of 3 million facts. So many slices leave them as they
are while the file is open, and whoever opens it next merges a few at each checkpoint."""
_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
_FULL_TEXTS = tuple(map(os.strerror, sorted(_FULL_ERRNOS)))
_DAMAGE_TEXTS = (
    "Corrupt database file",
    "checksum",
    "database has been invalidated",
    "Could not read enough bytes",
    "Failed to load metadata pointer",
)
"""How DuckDB 1.5 words what it finds in a damaged file."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Let a full disk and a damaged file end what is done with a database in words of ours.

    Raises:
        StoreFullError: the disk of the database, or that of the temporary files, is full.
        StoreUnreadableError: the file is damaged; it was left as it is.

    """
    try:
        yield
    except OSError as error:
        if _is_disk_full(error):
            raise StoreFullError(
                f"the disk is full: {error}. What was committed to {path} before is kept; free "
                "space and run the command again."
            ) from error
        raise
    except duckdb.Error as error:
        if _is_disk_full(error) or _is_damaged(error):
            raise _named(path, error) from error
        raise


class Store:
    """One open database. Close it, or use it in a ``with`` statement."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        read_only: bool = False,
        settings: Settings | None = None,
        catches_up: bool = True,
    ) -> Self:
        """Open the database at ``path``; for writing it is created and its schema renewed.

        What a killed import or an upgrade left to be derived is derived now if ``catches_up``.

        Raises:
            StoreMissingError: read-only, and there is no such file.
            StoreLockedError: another process writes to the file.
            StoreUnreadableError: the file is no DuckDB database, or damaged.
            SchemaMismatchError: the database is another version's, or not chainlight's.

        """
        file = Path(path)
        connection = _connect(file, settings or Settings.from_environment(), read_only=read_only)
        store = cls(connection, file)
        try:
            connection.execute("SET TimeZone = 'UTC'")
            if not read_only:
                _drop_spilled(file)
            store._prepare(read_only=read_only, catches_up=catches_up)
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self, *, read_only: bool, catches_up: bool) -> None:
        if read_only:
            ddl.check(self._connection, self.path)
            return
        with self.transaction() as connection:
            if ddl.apply(connection, self.path):
                derive.postpone(connection, None)
        if catches_up:
            self.catch_up()

    def catch_up(self) -> None:
        """Derive what was postponed, in transactions of bounded size."""
        for _ in self.catching_up():
            pass

    def catching_up(self) -> Iterator[int]:
        """Derive what was postponed, a transaction each time; yield how many are left."""
        steps = list(derive.due(self.cursor()))
        if not steps:
            return
        if len(steps) > 1:
            self._connection.execute(_LEAVE_ROW_GROUPS)
        with self.memory.spared() as memory:
            for number, step in enumerate(steps, 1):
                memory.again(partial(self._do, step))
                yield len(steps) - number

    def _do(self, step: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
        with self.transaction() as connection:
            step(connection)

    @cached_property
    def memory(self) -> Memory:
        """What DuckDB may use of the memory, to do with less meanwhile."""
        return Memory(self._connection)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep other writers out for several transactions; of a file there are none."""
        yield

    @contextmanager
    def transaction(
        self, on: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection; what was done with it is committed, or rolled back on an error.

        It is the store's own, or the one given: a cursor of this store.

        Raises:
            StoreFullError: the disk ran full; nothing of the transaction is in the file.

        """
        connection = self._connection if on is None else on
        connection.execute("BEGIN TRANSACTION")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            _roll_back(connection)
            if _is_disk_full(error):
                raise StoreFullError(
                    f"the disk of {self.path} is full: {error}. Nothing of this step was kept; "
                    "free space and run the command again."
                ) from error
            raise

    def query(self, sql: str, parameters: Parameters = None) -> duckdb.DuckDBPyConnection:
        """Execute one statement on a cursor of its own and return that cursor."""
        return self.cursor().execute(sql, parameters)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a new connection to the same database: it sees what is committed."""
        cursor = self._connection.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        return cursor

    def checkpoint(self) -> None:
        """Move everything from the write-ahead log into the file."""
        self._connection.execute("FORCE CHECKPOINT")

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        return  # a failed COMMIT has ended the transaction already


def _connect(file: Path, settings: Settings, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    if read_only and not file.exists():
        raise StoreMissingError(
            f"there is no database at {file}. Name one with --db or CHAINLIGHT_DB; "
            "`chainlight import` and `chainlight collect` make one."
        )
    if not read_only:
        file.parent.mkdir(parents=True, exist_ok=True)
    try:
        config = settings.config(file, read_only=read_only)
        return duckdb.connect(str(file), read_only=read_only, config=config)
    except duckdb.Error as error:
        raise _named(file, error) from error


def _drop_spilled(file: Path) -> None:
    """Remove what a killed writer had spilled: DuckDB keeps it, and this is the only writer."""
    shutil.rmtree(f"{file}{_SPILLED}", ignore_errors=True)


def _named(file: Path, error: duckdb.Error) -> StoreError:
    text = str(error)
    if not _is_damaged(error) and "Could not set lock" in text:
        return StoreLockedError(
            f"another process has {file} open for writing: {text.splitlines()[0]}. "
            "Wait for it to end, or read the newest snapshot beside it."
        )
    if _is_disk_full(error):
        return StoreFullError(f"the disk of {file} is full: {text}. Free space and try again.")
    return StoreUnreadableError(
        f"{file} cannot be opened as a DuckDB database: {text}. "
        "It was left as it is. If it was damaged, take the newest snapshot beside it, or collect "
        "again into a new file."
    )


def _is_disk_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _FULL_ERRNOS
    return isinstance(error, duckdb.Error) and any(text in str(error) for text in _FULL_TEXTS)


def _is_damaged(error: duckdb.Error) -> bool:
    return any(text in str(error) for text in _DAMAGE_TEXTS)
