"""A database copied from one place to another, whatever their modes: all of it, or nothing.

Everything goes in one transaction: a copy that is killed leaves an empty target, not half of one.
Before it is committed each table of the copy is compared with its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainlight_collector import ddl, places
from chainlight_collector.errors import StoreUnreadableError, UsageError
from chainlight_collector.literals import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from chainlight_collector.addresses import Address
    from chainlight_collector.store import Store

_TABLES = """
SELECT table_name FROM duckdb_tables()
WHERE NOT internal AND NOT temporary AND schema_name = 'main'
    AND database_name NOT LIKE '\\_\\_ducklake\\_metadata\\_%' ESCAPE '\\'
    AND database_name <> 'gate'
    AND table_name NOT IN ('schema_versions', 'write_lease')
GROUP BY table_name
ORDER BY table_name
"""
_FINGERPRINT = "SELECT count(*), coalesce(sum(hash(t)), 0), coalesce(bit_xor(hash(t)), 0) FROM "


@dataclass(frozen=True, slots=True)
class Copied:
    """What one table of the copy holds."""

    table: str
    rows_count: int
    fingerprint: tuple[object, ...]
    file: Path


def migrate(source: Address, target: Address, folder: Path) -> dict[str, int]:
    """Copy a database; return the number of rows of each table. `folder` holds it on the way.

    Raises:
        UsageError: the target holds rows already.
        StoreUnreadableError: a table of the copy differs from its source; nothing was kept.
        StoreError: one of the two cannot be opened.

    """
    with places.reading(source) as store:
        tables = [_written(store, table, folder) for (table,) in store.query(_TABLES).fetchall()]
    places.update(target, lambda store: _fill(store, tables))
    return {each.table: each.rows_count for each in tables}


def _written(store: Store, table: str, folder: Path) -> Copied:
    """Write one table to a Parquet file, and take its fingerprint."""
    file = folder / f"{table}.parquet"
    with store.cursor() as cursor:
        rows = _rows(cursor, table, f'"{table}"')
        cursor.execute(f"COPY {rows} TO {literal(str(file))} (FORMAT parquet)")
        found = _fingerprint(cursor, rows)
    return Copied(table, int(str(found[0])), found, file)


def _fill(store: Store, tables: Sequence[Copied]) -> None:
    with store.transaction() as connection:
        _refuse_rows(connection)
        for each in tables:
            _copy(connection, each)


def _refuse_rows(connection: duckdb.DuckDBPyConnection) -> None:
    for table in ddl.fact_and_derived_tables():
        if connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchall():  # noqa: S608  ours
            raise UsageError(
                f"the target has rows in {table} already. Migrate into a new database: name one "
                "that does not exist yet."
            )


def _copy(connection: duckdb.DuckDBPyConnection, given: Copied) -> None:
    path, table = literal(str(given.file)), f'"{given.table}"'
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM {path} LIMIT 0")
    connection.execute(f"DELETE FROM {table}")  # noqa: S608  seeds come with the schema
    connection.execute(f"INSERT INTO {table} BY NAME FROM {path}")
    found = _fingerprint(connection, _rows(connection, given.table, path))
    if found != given.fingerprint:
        raise StoreUnreadableError(
            f"{given.table}: of {given.rows_count} rows {found[0]} arrived, or some differ. "
            "Nothing was kept; the source is as it was."
        )


def _rows(connection: duckdb.DuckDBPyConnection, table: str, like: str) -> str:
    """Return a query of a table's rows, its columns named in the order of another relation's."""
    columns = connection.execute(f"FROM {like} LIMIT 0").description or []
    names = ", ".join(f'"{column[0]}"' for column in columns)
    return f'(SELECT {names} FROM "{table}")'  # noqa: S608  of our schema


def _fingerprint(connection: duckdb.DuckDBPyConnection, rows: str) -> tuple[object, ...]:
    found: tuple[object, ...] = connection.execute(f"{_FINGERPRINT}{rows} AS t").fetchall()[0]
    return found
