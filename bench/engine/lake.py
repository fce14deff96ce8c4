"""The lake of the benchmark, and its files: `bench/pages`' rows, or those of a database by migrate.

Its catalog is a DuckDB file. Rows that are still in the catalog are written out and files with
deleted rows rewritten, by the very statements of ``export-iceberg``, so that the files of the
newest version are all rows and nothing else: whoever reads Parquet reads the lake.
"""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from chainlight_collector import addresses, iceberg, migration
from chainlight_collector.addresses import LakeAddress
from chainlight_collector.lake_store import LakeStore

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pages"))
import shop


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake, the files of each of its tables, and what they weigh."""

    address: LakeAddress
    files: dict[str, list[str]]
    bytes: dict[str, int]


def made(folder: Path, attempts_count: int, source: Path | None) -> Lake:
    """Return the lake of that size, made where it is missing: of `source`, else of the shop."""
    place = folder / f"{attempts_count}.lake"
    address = addresses.parse(f"ducklake:{place}/catalog.ducklake?data={place}/data")
    if not isinstance(address, LakeAddress):
        raise TypeError(address)
    if not (place / "ready").exists():
        _make(address, place, attempts_count, source)
    return _listed(address)


def _make(address: LakeAddress, place: Path, attempts_count: int, source: Path | None) -> None:
    started_s = time.perf_counter()
    shutil.rmtree(place, ignore_errors=True)  # a lake that was not finished
    place.mkdir(parents=True)
    if source:
        _migrate(source, address, place / "on_the_way")
    with LakeStore.write(address, shop.rows.SETTINGS) as store:
        if not source:
            shop.fill(store, attempts_count + shop.rows.TEMPLATE_ATTEMPTS)  # never fewer
        iceberg.tidy(store)
    (place / "ready").touch()
    print(f"made {place.name} in {time.perf_counter() - started_s:.0f} s", flush=True)


def _migrate(source: Path, address: LakeAddress, on_the_way: Path) -> None:
    on_the_way.mkdir()
    migration.migrate(addresses.FileAddress(source), address, on_the_way)
    shutil.rmtree(on_the_way)


def _listed(address: LakeAddress) -> Lake:
    with LakeStore.write(address) as store:
        files = {table: iceberg.files_of(store, table) for table in iceberg.tables_of(store)}
    sizes = {table: sum(Path(f).stat().st_size for f in each) for table, each in files.items()}
    return Lake(address, files, sizes)
