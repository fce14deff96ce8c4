"""The database file made small again: copied into a new one, which then takes its place.

DuckDB uses freed space again but never gives it back to the disk. The copy lies beside the file
under a name of its own; only when it is whole and on the disk does one rename replace the old file.
Killed before that, the old file is as it was and the next run removes the copy; a reader that has
the old file open keeps it. Call it where the run lock is held and nobody has the file open.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from chainlight_collector.errors import StoreUnreadableError
from chainlight_collector.literals import literal
from chainlight_collector.store import Store

UNFINISHED = ".compacting"
FREE_SHARE_MIN = 0.25
FREE_BYTES_MIN = 16_000_000

_SIZE = "SELECT total_blocks, free_blocks, block_size FROM pragma_database_size()"
_TABLES = """
SELECT table_name FROM duckdb_tables()
WHERE database_name = 'old' AND NOT temporary AND NOT internal ORDER BY table_name
"""
_FOREIGN_VIEWS = """
SELECT sql FROM duckdb_views()
WHERE database_name = 'old' AND NOT internal AND view_name NOT IN (
    SELECT view_name FROM duckdb_views() WHERE database_name <> 'old'
)
"""


def is_due(store: Store) -> bool:
    """Whether a quarter of the file, and 16 MB at least, is free."""
    total, free, block_bytes = store.query(_SIZE).fetchone() or (0, 0, 0)
    return bool(free * block_bytes >= FREE_BYTES_MIN and free >= total * FREE_SHARE_MIN)


def drop_leftovers(database: Path) -> None:
    """Remove what a killed compaction left."""
    for file in (_copy_of(database), Path(f"{_copy_of(database)}.wal")):
        file.unlink(missing_ok=True)


def compact(database: Path) -> tuple[int, int]:
    """Replace the file by a copy without holes; return its bytes before and after.

    Raises:
        StoreUnreadableError: the copy has not the rows of the file; the file was left alone.

    """
    drop_leftovers(database)
    with Store.open(database) as store:
        store.checkpoint()  # closing leaves no write-ahead log that the new file could inherit
    before_bytes = database.stat().st_size
    copy = _copy_of(database)
    try:
        with Store.open(copy) as store:
            _fill(store, database)
            store.checkpoint()
        _to_disk(copy)
        copy.replace(database)
    except BaseException:
        drop_leftovers(database)
        raise
    _to_disk(database.parent)
    return before_bytes, database.stat().st_size


def _fill(store: Store, database: Path) -> None:
    store.query(f"ATTACH {literal(str(database))} AS old (READ_ONLY)")
    for (table,) in store.query(_TABLES).fetchall():
        with store.transaction() as connection:
            _copy(connection, table, database)
    for (sql,) in store.query(_FOREIGN_VIEWS).fetchall():
        with store.transaction() as connection:
            connection.execute(sql)
    store.query("DETACH old")


def _copy(connection: duckdb.DuckDBPyConnection, table: str, database: Path) -> None:
    name = '"' + table.replace('"', '""') + '"'
    connection.execute(f"CREATE TABLE IF NOT EXISTS {name} AS FROM old.{name} LIMIT 0")
    connection.execute(f"DELETE FROM {name}")  # noqa: S608  seeds come with the schema
    connection.execute(f"INSERT INTO {name} BY NAME FROM old.{name}")
    counts = f"SELECT (SELECT count(*) FROM {name}), (SELECT count(*) FROM old.{name})"  # noqa: S608
    copied_count, there_count = connection.execute(counts).fetchone() or (0, 0)
    if copied_count != there_count:
        raise StoreUnreadableError(
            f"{database}: of {there_count} rows of {table} only {copied_count} could be copied. "
            "The file was left as it is; take the newest snapshot beside it."
        )


def _copy_of(database: Path) -> Path:
    return Path(f"{database}{UNFINISHED}")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
