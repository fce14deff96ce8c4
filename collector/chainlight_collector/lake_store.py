"""A store whose tables are a DuckLake: Parquet beside a catalog that says which files are the rows.

The SQL of ingest, derive and the views is the one of the file: the lake is the current database.
Where the catalog is in PostgreSQL, several collectors write: each transaction first waits for its
turn (an advisory lock, held by a transaction of its own, so that it goes with a killed process) and
updates the one row of ``write_lease``. The lock saves work that would be thrown away; the row makes
it safe: of two transactions that both changed it DuckLake refuses the second, lock or no lock.
DuckLake has no keys, so without the row two that read the same events would both keep them.

Readers are bound to one version. What is small is copied into memory when they open, because
planning a scan of the lake costs 15 to 45 ms where a table of memory costs nothing, and the views
scan dozens (measured: 4.8 s for a query of the view retries, 0.2 s so).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import duckdb

from chainlight_collector import ddl, derive, extensions
from chainlight_collector.addresses import LakeAddress, masked
from chainlight_collector.catalog_secrets import resolved
from chainlight_collector.errors import StoreConflictError, StoreMissingError, StoreUnreadableError
from chainlight_collector.literals import literal
from chainlight_collector.store import Settings, Store

LAKE = "lake"
INLINED_ROWS_MAX = 200
"""Fewer new rows stay in the catalog until upkeep writes them together. Of 200 an insert takes as
long as a file does; of 20,000 it took 24 s, where a file takes 0.2 s."""
SMALL_ROWS_MAX = 2_000
_LOCK_KEY = 0x636C69676874  # "clight": one lock a catalog, told from those of others
_GATE = "gate"
_RETRIES_MAX = 100
_WAIT_OPTIONS = "options=-c%20lock_timeout%3D10s"
"""A reader that has not taken all of its rows keeps PostgreSQL's lock on a table of inlined rows,
and upkeep drops such tables: it gives up after 10 s instead of waiting with everybody behind it."""

_META = f"__ducklake_metadata_{LAKE}"
_CATALOG_ROWS = f"""
SELECT t.table_name, coalesce(s.record_count, 0)
FROM {_META}.ducklake_table AS t
LEFT JOIN {_META}.ducklake_table_stats AS s USING (table_id)
WHERE t.end_snapshot IS NULL
"""  # noqa: S608  our own words
_HAS_COMPRESSION = f"""
SELECT 1 FROM {LAKE}.options() WHERE option_name = 'parquet_compression'
"""  # noqa: S608  our own words
_SET_COMPRESSION = f"CALL {LAKE}.set_option('parquet_compression', 'zstd')"
"""Snappy, which DuckLake takes by itself, writes 1.84 times as many bytes in about as long."""
_UNPARTITIONED = f"""
SELECT t.table_name FROM {_META}.ducklake_table AS t
INNER JOIN {_META}.ducklake_column AS c USING (table_id)
WHERE c.column_name = 'day' AND t.end_snapshot IS NULL AND c.end_snapshot IS NULL
    AND t.table_id NOT IN (
        SELECT table_id FROM {_META}.ducklake_partition_info WHERE end_snapshot IS NULL
    )
"""  # noqa: S608  our own words
_LEASE_TABLE = "CREATE TABLE IF NOT EXISTS write_lease AS SELECT 0::BIGINT AS commits_count"
_TAKE_LEASE = "UPDATE write_lease SET commits_count = commits_count + 1"
_WAIT = (
    f"SELECT * FROM postgres_query('{_GATE}', 'SELECT 1 FROM pg_advisory_xact_lock({_LOCK_KEY})')"  # noqa: S608
)
_CONFLICT = "conflict"


class LakeStore(Store):
    """An open lake. `version` is the snapshot that a reader is bound to, None for a writer."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, address: LakeAddress, version: int | None
    ) -> None:
        super().__init__(connection, Path(address.name))
        self.version = version
        self._gate = connection.cursor() if address.is_shared and version is None else None
        self._has_turn = False

    @classmethod
    def write(cls, address: LakeAddress, settings: Settings | None = None) -> Self:
        """Open a lake to write; it is made, and its schema renewed.

        What is noted as still to be derived stays noted: whoever brings rows catches up.

        Raises:
            UsageError: an extension is missing.
            StoreUnreadableError: catalog or data cannot be reached.
            SchemaMismatchError: the lake is another version's, or not chainlight's.

        """
        address = resolved(address)
        chosen = settings or Settings.from_environment()
        connection = _connected(address, chosen, read_only=False)
        with _closed_on_error(connection):
            _attach(connection, address, f", DATA_INLINING_ROW_LIMIT {INLINED_ROWS_MAX}")
            if address.is_shared:
                connection.execute(
                    f"ATTACH {literal(_waiting(address.catalog))} AS {_GATE} "
                    "(TYPE postgres, READ_ONLY)"
                )
            store = cls(connection, address, None)
            store._set_up(connection)
            store._prepare_lake()
        return store

    @classmethod
    def read(cls, address: LakeAddress, settings: Settings | None = None) -> Self:
        """Open the newest version of a lake; it stays that one until the store is closed.

        Raises: as ``write``; StoreMissingError where there is no lake yet.
        """
        address = resolved(address)
        chosen = settings or Settings.from_environment()
        connection = _connected(address, chosen, read_only=True)
        with _closed_on_error(connection):
            version = _newest(connection, address)
            _attach(connection, address, f", READ_ONLY, SNAPSHOT_VERSION {version}")
            store = cls(connection, address, version)
            store._set_up(connection)
            ddl.check(connection, store.path)
            _copy_small(connection)
            store._set_up(connection)
        return store

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a new connection to the lake: it sees what is committed."""
        cursor = self._connection.cursor()
        self._set_up(cursor)
        return cursor

    @contextmanager
    def transaction(
        self, on: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection when it is this writer's turn; commit, or roll back on an error.

        Raises:
            StoreConflictError: another writer committed first; nothing of this was kept.

        """
        with self.turn():
            try:
                with super().transaction(on) as connection:
                    if self._gate is not None:
                        connection.execute(_TAKE_LEASE)
                    yield connection
            except duckdb.TransactionException as error:
                if _CONFLICT not in str(error):
                    raise
                raise StoreConflictError(
                    f"{self.path}: another collector committed first ({masked(str(error))}). "
                    "Nothing of this step was kept; run it again."
                ) from error

    def checkpoint(self) -> None:
        """Do nothing: a commit of a lake is where it belongs."""

    def call(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement of DuckLake's own upkeep, a commit of its own, when it is our turn."""
        with self.turn():
            return self._connection.execute(statement).fetchall()

    def catch_up(self) -> None:
        """Derive what was postponed; in one turn, because the notes say what is left as a whole."""
        with self.turn():
            super().catch_up()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other writer has a transaction open; theirs end with their process."""
        if self._gate is None or self._has_turn:
            yield
            return
        self._gate.execute("BEGIN TRANSACTION")
        try:
            self._gate.execute(_WAIT).fetchall()
            self._has_turn = True
            yield
        finally:
            self._has_turn = False
            self._gate.execute("ROLLBACK")

    def _set_up(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("SET TimeZone = 'UTC'")
        if self.version is None:
            connection.execute(f"USE {LAKE}")
        else:
            connection.execute(f"SET search_path = 'memory.main,{LAKE}.main'")

    def _prepare_lake(self) -> None:
        connection = self._connection
        with self.turn():
            with Store.transaction(self):
                if ddl.apply(connection, self.path):
                    derive.postpone(connection, None)
                connection.execute(_LEASE_TABLE)
            with Store.transaction(self):
                for (table,) in connection.execute(_UNPARTITIONED).fetchall():
                    connection.execute(f"ALTER TABLE {table} SET PARTITIONED BY (day)")
                if not connection.execute(_HAS_COMPRESSION).fetchone():
                    connection.execute(_SET_COMPRESSION)


def newest_version(address: LakeAddress) -> int:
    """Return the number of a lake's newest version.

    Raises: as ``LakeStore.read``.
    """
    address = resolved(address)
    with _connected(address, Settings.from_environment(), read_only=True) as connection:
        return _newest(connection, address)


def _connected(
    address: LakeAddress, settings: Settings, *, read_only: bool
) -> duckdb.DuckDBPyConnection:
    spilled = Path(tempfile.gettempdir(), f"chainlight-lake-{os.getpid()}")
    config = settings.config(spilled, read_only=read_only)
    config.pop("storage_compatibility_version", None)
    connection = duckdb.connect(
        ":memory:", config=config | {"extension_directory": extensions.folder()}
    )
    with _closed_on_error(connection):
        extensions.load(connection, _needed(address))
        if address.is_on_s3:
            connection.execute(_secret())
        connection.execute(f"SET ducklake_max_retry_count = {_RETRIES_MAX}")
    return connection


def _needed(address: LakeAddress) -> list[str]:
    needed = [extensions.DUCKLAKE]
    if address.is_on_s3:
        needed += [extensions.HTTPFS, extensions.AWS]
    if address.is_shared:
        needed.append(extensions.POSTGRES)
    return needed


def _secret() -> str:
    """Return the statement that lets DuckDB into S3 as boto3 comes in: same chain, same URL."""
    parts = ["TYPE s3", "PROVIDER credential_chain", "REFRESH auto"]
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region:
        parts.append(f"REGION {literal(region)}")
    url = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if url:
        at = urlsplit(url)
        parts += [f"ENDPOINT {literal(at.netloc + at.path.rstrip('/'))}", "URL_STYLE 'path'"]
        parts.append(f"USE_SSL {'true' if at.scheme == 'https' else 'false'}")
    return f"CREATE SECRET ({', '.join(parts)})"


def _attach(connection: duckdb.DuckDBPyConnection, address: LakeAddress, options: str) -> None:
    catalog = f"postgres:{_waiting(address.catalog)}" if address.is_shared else address.catalog
    try:
        connection.execute(
            f"ATTACH {literal(f'ducklake:{catalog}')} AS {LAKE} "
            f"(DATA_PATH {literal(address.data)}{options})"
        )
    except duckdb.Error as error:
        raise StoreUnreadableError(
            f"{address.name} cannot be opened as a lake: {masked(str(error))}. "
            "It was left as it is."
        ) from error


def _newest(connection: duckdb.DuckDBPyConnection, address: LakeAddress) -> int:
    """Return the newest version: asked of the catalog itself, which loads nothing."""
    kind = "TYPE postgres, READ_ONLY" if address.is_shared else "READ_ONLY"
    catalog = _waiting(address.catalog) if address.is_shared else address.catalog
    if not address.is_shared and not Path(catalog).exists():
        raise StoreMissingError(f"there is no lake at {address.name} yet. A collector makes it.")
    try:
        connection.execute(f"ATTACH {literal(catalog)} AS asked ({kind})")
        rows = connection.execute("SELECT max(snapshot_id) FROM asked.ducklake_snapshot").fetchall()
        connection.execute("DETACH asked")
    except duckdb.CatalogException as error:
        raise StoreMissingError(
            f"there is no lake at {address.name} yet. A collector makes it."
        ) from error
    except duckdb.Error as error:
        raise StoreUnreadableError(
            f"{address.name} cannot be read: {masked(str(error))}."
        ) from error
    return int(rows[0][0])


def _copy_small(connection: duckdb.DuckDBPyConnection) -> None:
    """Put what is small, and the views, into memory; what is large stays where it is.

    Views come last: one of the derived files is a view too, and it may read what stays.
    """
    counts = dict(connection.execute(_CATALOG_ROWS).fetchall())
    connection.execute("BEGIN TRANSACTION")
    connection.execute("USE memory")
    for name, text in ddl.schema_files():
        table = ddl.object_name(name)
        if table not in counts:
            continue
        if counts[table] == 0:
            connection.execute(text)
        elif counts[table] <= SMALL_ROWS_MAX:
            connection.execute(f"CREATE TABLE {table} AS FROM {LAKE}.{table}")
    connection.execute(f"SET search_path = 'memory.main,{LAKE}.main'")
    for name, text in ddl.schema_files():
        if ddl.object_name(name) not in counts:
            connection.execute(text)
    connection.execute("COMMIT")


def _waiting(catalog: str) -> str:
    if "options=" in catalog:
        return catalog
    return f"{catalog}{'&' if '?' in catalog else '?'}{_WAIT_OPTIONS}"


@contextmanager
def _closed_on_error(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise
