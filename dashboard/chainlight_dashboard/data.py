"""The only module that opens the database; every page reads through `frame` and `row`.

What is opened is the newest snapshot, read-only: the file a collector writes is never locked by a
page. Connections are kept per snapshot (each has a file name of its own) and every call takes a
cursor, because one connection shared by threads fails. Results are kept per (snapshot, query,
parameters), so a page that is drawn again costs no query.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import streamlit as st

from chainlight_collector import export
from chainlight_collector.addresses import LAKE_PREFIX, S3_PREFIX
from chainlight_dashboard import catalog, kept, sandbox, shadows, slow, source
from chainlight_dashboard.errors import (
    DashboardError,
    DatabaseBusyError,
    DatabaseForeignError,
    QueryRefusedError,
    QueryStoppedError,
)
from chainlight_dashboard.views.condition import statement

if TYPE_CHECKING:
    import pandas as pd

    from chainlight_dashboard.catalog import Value

OBJECT_CHECK_S = 30
FRAMES_BYTES_MAX = 192 * 1024 * 1024
ANSWERS_BYTES_MAX = 64 * 1024 * 1024
ENTRY_BYTES = 2_048
"""What an entry costs beside its rows: key, index, columns."""
SETTINGS = {
    "memory_limit": "1GB",
    "temp_directory": "",
    "autoinstall_known_extensions": "false",  # a file of another kind made DuckDB ask the internet
    "autoload_known_extensions": "false",
}
ATTACHED = "snapshot"
LAKE_PATH = "memory.main,lake.main"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One immutable state of the database: its file and what tells it from the next one."""

    path: str
    version: str


def snapshot() -> Snapshot:
    """Return the newest state of the database named by CHAINLIGHT_DB.

    Raises: DatabaseMissingError where there is none yet.
    """
    name = source.database_name()
    if name.startswith(LAKE_PREFIX):
        return Snapshot(name, str(_lake_version(name)))
    if name.startswith(S3_PREFIX):
        path = _object_copy(name)
        if source.is_catalog(name):
            return Snapshot(source.lake_over(name, path), path.name)
    else:
        path = source.newest_file(Path(name))
    facts = path.stat()
    return Snapshot(str(path), f"{facts.st_ino}-{facts.st_mtime_ns}-{facts.st_size}")


def frame(name: str, **parameters: Value) -> pd.DataFrame:
    """Return the rows of the query `name` on the newest snapshot, with its declared columns.

    Raises: DatabaseMissingError, DatabaseBusyError or DatabaseForeignError.
    """
    current = snapshot()
    return _frame(current.path, current.version, name, parameters)


def row(name: str, **parameters: Value) -> pd.Series | None:
    """Return the only row of the query `name`, or None where there is none.

    Raises: as `frame`.
    """
    rows = frame(name, **parameters)
    return None if rows.empty else rows.iloc[0]


def answer(sql: str) -> sandbox.Answer:
    """Return what a reader's own statement answers; it runs in the sandbox, never here.

    Raises: as `sandbox.run`, and as `snapshot`.
    """
    current = snapshot()
    if current.path.startswith(LAKE_PREFIX):
        raise QueryRefusedError(
            "Here the database is a lake, and statements of your own are not run on this page: "
            "use `chainlight sql`, which reads every mode of storage."
        )
    return _answer(current.path, current.version, sql)


def chains_where(condition: str) -> list[str]:
    """Return the ids of the chains that a reader's condition holds for, at most 10,000.

    Raises: as `answer`.
    """
    return [str(chain_id) for chain_id in answer(statement(condition)).rows["chain_id"]]


def exported(chain_id: str, style: str) -> str:
    """Return one chain as a file of one of the collector's export formats.

    Raises: as `snapshot`, and the collector's QueryError for an unknown chain.
    """
    current = snapshot()
    with _cursor(current.path, current.version) as cursor:
        return export.render(export.read(cursor, chain_id), style)


def export_name(chain_id: str, style: str) -> str:
    """Return the name of that file."""
    return export.file_name(chain_id, style)


@st.cache_data(ttl=OBJECT_CHECK_S, max_entries=4, show_spinner="Fetching the database…")
def _object_copy(url: str) -> Path:
    return source.fetched_object(url)


@st.cache_data(ttl=OBJECT_CHECK_S, max_entries=4, show_spinner=False)
def _lake_version(url: str) -> int:
    return source.lake_version(url)


@st.cache_resource(show_spinner=False)
def _frames() -> kept.Kept[pd.DataFrame]:
    return kept.Kept(FRAMES_BYTES_MAX, _size_bytes)


@st.cache_resource(show_spinner=False)
def _answers() -> kept.Kept[sandbox.Answer]:
    return kept.Kept(ANSWERS_BYTES_MAX, lambda answer: _size_bytes(answer.rows))


def _size_bytes(frame: pd.DataFrame) -> int:
    return int(frame.memory_usage(deep=True).sum()) + ENTRY_BYTES


def _frame(path: str, version: str, name: str, parameters: dict[str, Value]) -> pd.DataFrame:
    key = (path, version, name, repr(sorted(parameters.items())))
    return _frames().get(key, partial(_queried, path, version, name, parameters))


def _queried(path: str, version: str, name: str, parameters: dict[str, Value]) -> pd.DataFrame:
    query = catalog.query(name)
    try:
        with _cursor(path, version) as cursor, slow.noted(name):
            return cursor.execute(query.text, parameters).df()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise DatabaseForeignError(
            f"{path} has not what the query {name} reads: {error}. Open a database written by "
            "this version of chainlight; `chainlight collect` renews an older one."
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise QueryStoppedError(
            f"The query {name} needs more than the {SETTINGS['memory_limit']} that a page may use. "
            "Choose a shorter time range."
        ) from error
    except duckdb.Error as error:
        raise _unreadable(path, error) from error


def _answer(path: str, version: str, sql: str) -> sandbox.Answer:
    return _answers().get((path, version, sql), partial(sandbox.run, path, sql))


def _close(connection: duckdb.DuckDBPyConnection) -> None:
    connection.close()


@st.cache_resource(max_entries=2, on_release=_close, show_spinner=False)
def _connection(path: str, version: str) -> duckdb.DuckDBPyConnection:
    """Return a database in memory that has the file attached, read-only, and is closed to the rest.

    What every page asks is computed once per snapshot (``shadows``).
    """
    del version  # part of the cache key: a file without snapshots keeps its name when it changes
    with slow.noted("(opening the snapshot)"):
        return _lake_connection(path) if path.startswith(LAKE_PREFIX) else _opened(path)


def _opened(path: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config=dict(SETTINGS))
    try:
        connection.execute(f"ATTACH {catalog.literal(path)} AS {ATTACHED} (TYPE duckdb, READ_ONLY)")
        connection.execute(f"SET search_path = '{ATTACHED}.main'")
        shadows.fill(connection)
    except duckdb.Error as error:
        connection.close()
        raise _unreadable(path, error) from error
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _lake_connection(url: str) -> duckdb.DuckDBPyConnection:
    """Return a lake bound to its newest version; only the dashboard's own queries come here."""
    connection = source.opened_lake(url).cursor()
    connection.execute(f"SET search_path = '{LAKE_PATH}'")
    shadows.fill(connection)
    return connection


def _unreadable(path: str, error: duckdb.Error) -> DashboardError:
    if "Could not set lock" in str(error):  # "lock" alone is in every word of a broken block
        return DatabaseBusyError(
            f"A collector is writing {path} and has published no snapshot yet. "
            "This page reads the first one as soon as it is there."
        )
    return DatabaseForeignError(
        f"{path} cannot be read as a DuckDB database: {str(error).rstrip('.!')}. "
        "If it was copied, copy it again; "
        "`chainlight collect` publishes a new snapshot."
    )


def _cursor(path: str, version: str) -> duckdb.DuckDBPyConnection:
    cursor = _connection(path, version).cursor()
    is_lake = path.startswith(LAKE_PREFIX)
    places = LAKE_PATH if is_lake else f"{ATTACHED}.main"
    cursor.execute(f"SET search_path = '{shadows.NAME}.main,{places}'")
    if is_lake:
        cursor.execute("SET TimeZone = 'UTC'")
    return cursor
