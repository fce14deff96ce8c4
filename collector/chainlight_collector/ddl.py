"""The schema as files: what a database holds is what ``schema/_order`` lists, in that order.

Facts and derived tables say ``CREATE TABLE IF NOT EXISTS``; seeds, views and macros say
``CREATE OR REPLACE``: applying the list again keeps the rows and renews everything else. A database
keeps the digest of the files it was made by, so that they are applied once (0.6 s) and not at each
opening. After an upgrade facts get their new columns, and derived tables are made anew.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING

import duckdb

from chainlight_collector.errors import SchemaMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Columns = dict[str, dict[str, str]]

SCHEMA_VERSION = 2
"""Raised with every change that makes older rows unreadable; adding a column at the end is none."""

_READ_VERSION = "SELECT max(version) FROM schema_versions"
_COUNT_TABLES = """
SELECT count(*) FROM duckdb_tables()
WHERE NOT internal AND NOT temporary AND database_name = current_database()
"""
_HAS_VERSIONS = """
SELECT count(*) FROM duckdb_tables()
WHERE table_name = 'schema_versions' AND database_name <> 'system'
"""
_CREATE_VERSIONS = "CREATE TABLE schema_versions (version INTEGER, digest VARCHAR)"
_READ_DIGEST = "SELECT max(digest) FROM schema_versions"
_WRITE_DIGEST = "UPDATE schema_versions SET digest = $digest"
_READ_COLUMNS = """
SELECT table_name, column_name, data_type
FROM duckdb_columns()
WHERE NOT internal AND database_name = current_database() AND schema_name = 'main'
ORDER BY table_name, column_index
"""


def schema_files() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each schema file in the order of ``schema/_order``."""
    folder = resources.files("chainlight_collector") / "schema"
    for line in (folder / "_order").read_text("utf-8").splitlines():
        name = line.strip()
        if name and not name.startswith("#"):
            yield name, folder.joinpath(*name.split("/")).read_text("utf-8")


def apply(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Bring the schema of an open database to this version, inside the caller's transaction.

    Returns whether derived tables were emptied: then everything is to be derived again.

    Raises:
        SchemaMismatchError: the file holds the tables of another version, or foreign ones.

    """
    is_new = _scalar(connection, _COUNT_TABLES) == 0
    if is_new:
        connection.execute(_CREATE_VERSIONS)
        connection.execute("INSERT INTO schema_versions VALUES ($version, NULL)", _version())
    check(connection, path)
    if _scalar(connection, _READ_DIGEST) == digest():
        return False
    is_emptied = not is_new and _upgrade(connection)
    for _, text in schema_files():
        connection.execute(text)
    connection.execute(_WRITE_DIGEST, {"digest": digest()})
    return is_emptied


@cache
def digest() -> str:
    """Return what tells one set of schema files from another: a SHA-256 of names and texts."""
    whole = "\0".join(f"{name}\0{text}" for name, text in schema_files())
    return sha256(whole.encode()).hexdigest()


def _upgrade(connection: duckdb.DuckDBPyConnection) -> bool:
    """Give tables the columns that this version adds; drop derived tables that differ.

    Returns whether one was dropped.
    """
    present, wanted = _columns(connection), _wanted_columns()
    derived = {name for name, _ in schema_files() if name.startswith("derived/")}
    stale = [table for table in map(object_name, derived) if present.get(table) != wanted[table]]
    for table in stale:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for table in present.keys() & wanted.keys() - set(stale):
        for column, kind in wanted[table].items():
            if column not in present[table]:
                connection.execute(f'ALTER TABLE {table} ADD COLUMN "{column}" {kind}')
    return bool(stale)


def fact_and_derived_tables() -> list[str]:
    """Return the names of the tables whose rows come from sources or follow from them."""
    return [
        object_name(name) for name, _ in schema_files() if name.startswith(("facts/", "derived/"))
    ]


def object_name(name: str) -> str:
    """Return what a schema file of that name makes."""
    return name.rpartition("/")[2].removesuffix(".sql")


def _wanted_columns() -> Columns:
    """Return the tables of this version: facts and derived ones, with their columns."""
    with duckdb.connect() as fresh:
        for name, text in schema_files():
            if name.startswith(("facts/", "derived/")):
                fresh.execute(text)
        return _columns(fresh)


def _columns(connection: duckdb.DuckDBPyConnection) -> Columns:
    found: Columns = {}
    for table, column, kind in connection.execute(_READ_COLUMNS).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def check(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse a database whose schema is not the one that this version reads.

    Raises:
        SchemaMismatchError: as said.

    """
    if _scalar(connection, _HAS_VERSIONS) == 0:
        raise SchemaMismatchError(
            f"{path} is a DuckDB database, but not one of chainlight (it has no table "
            "schema_versions). Name another file with --db; this one was left as it is."
        )
    version = _scalar(connection, _READ_VERSION)
    if version != SCHEMA_VERSION:
        raise SchemaMismatchError(
            f"{path} has schema version {version}, this chainlight reads version {SCHEMA_VERSION}. "
            "Use the chainlight that wrote it, or collect again into a new file with --db."
        )


def _version() -> dict[str, int]:
    return {"version": SCHEMA_VERSION}


def _scalar(connection: duckdb.DuckDBPyConnection, query: str) -> int | str | None:
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]
