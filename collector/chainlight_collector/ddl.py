"""The schema as files: what a database holds is what ``schema/_order`` lists, in that order.

Facts and derived tables say ``CREATE TABLE IF NOT EXISTS``; seeds, views and macros say
``CREATE OR REPLACE``: applying the list again keeps the rows and renews everything else.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from chainlight_collector.errors import SchemaMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

SCHEMA_VERSION = 1
"""Raised with every change that makes older rows unreadable; adding a column at the end is none."""

_READ_VERSION = "SELECT max(version) FROM schema_versions"
_COUNT_TABLES = "SELECT count(*) FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
_HAS_VERSIONS = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_versions'"
_CREATE_VERSIONS = "CREATE TABLE schema_versions (version INTEGER)"


def schema_files() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each schema file in the order of ``schema/_order``."""
    folder = resources.files("chainlight_collector") / "schema"
    for line in (folder / "_order").read_text("utf-8").splitlines():
        name = line.strip()
        if name and not name.startswith("#"):
            yield name, folder.joinpath(*name.split("/")).read_text("utf-8")


def apply(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Bring the schema of an open database to this version, in one transaction.

    Raises:
        SchemaMismatchError: the file holds the tables of another version, or foreign ones.

    """
    if _scalar(connection, _COUNT_TABLES) == 0:
        connection.execute(_CREATE_VERSIONS)
        connection.execute("INSERT INTO schema_versions VALUES ($version)", _version_parameter())
    check(connection, path)
    for _, text in schema_files():
        connection.execute(text)


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


def _version_parameter() -> dict[str, int]:
    return {"version": SCHEMA_VERSION}


def _scalar(connection: duckdb.DuckDBPyConnection, query: str) -> int | None:
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]
