"""DuckDB's extensions from installed wheels: gathered in one folder, loaded, never fetched.

The wheels hold the official binaries, signed by DuckDB, one folder each; DuckDB looks in one
folder only, and knows that of ``postgres`` by another name than the wheel does. So each process
gathers links to them in a folder of its own. Where there is no such wheel, the message says what
to install.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from chainlight_collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

DUCKLAKE, HTTPFS, AWS, POSTGRES = "ducklake", "httpfs", "aws", "postgres_scanner"
_WHEELS = {DUCKLAKE: "ducklake", HTTPFS: "httpfs", AWS: "aws", POSTGRES: "postgres"}
"""Name that DuckDB loads an extension by: the last part of its wheel's name, and of its file's."""


def load(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Load extensions into a connection that was opened with ``folder()``.

    Raises:
        UsageError: a wheel is missing, or is made for another version of DuckDB.

    """
    for name in names:
        try:
            connection.execute(f"LOAD {name}")
        except duckdb.Error as error:
            raise UsageError(
                f"DuckDB {duckdb.__version__} has no extension {name}, which this storage mode "
                f"needs: install chainlight-collector[lake]. {error}"
            ) from error


@cache
def folder() -> str:
    """Return the folder to open DuckDB with (``extension_directory``), as far as wheels are there.

    It holds links, goes when the process ends, and nothing is ever written to it by DuckDB.
    """
    root = Path(tempfile.mkdtemp(prefix="chainlight-extensions-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    (platform,) = duckdb.execute("PRAGMA platform").fetchall()[0]
    inner = root / f"v{duckdb.__version__}" / platform
    inner.mkdir(parents=True)
    for name, wheel in _WHEELS.items():
        for file in _files(wheel):
            (inner / f"{name}.duckdb_extension").symlink_to(file)
    root.chmod(0o500)
    return str(root)


def _files(wheel: str) -> list[Path]:
    found = find_spec(f"duckdb_extension_{wheel}")
    places = (found.submodule_search_locations or []) if found else []
    inner = Path("extensions", f"v{duckdb.__version__}", f"{wheel}.duckdb_extension")
    return [Path(place, inner) for place in places if Path(place, inner).is_file()][:1]
