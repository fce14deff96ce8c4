"""``chainlight export-iceberg``: Iceberg reads what the lake holds, whatever happened to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest
from click.testing import CliRunner
from pyiceberg.catalog import Catalog, load_catalog

from chainlight_collector import addresses, derive, ingest, places
from chainlight_collector.cli.main import cli
from chainlight_collector.iceberg import Exported, export
from chainlight_collector.lake_store import LakeStore
from chainlight_collector.store import Store

from .log_lines import REPORT, event, record_line
from .test_storage_modes import _events

CALL = {
    "call_id": "0123456789abcdef",
    "kind": "lambda",
    "operation": "Invoke",
    "target": "price",
    "offset_us": 1_000,
    "wait_us": 5_000,
    "natural_keys": ["r2", "r3"],
}
TABLES = ("attempt_rows", "call_rows", "chain_rows", "invocation_reports")


class World:
    """A lake of files, an Iceberg catalog, and the command that brings one to the other."""

    def __init__(self, folder: Path) -> None:
        self.lake = f"ducklake:{folder}/catalog.ducklake?data={folder}/data"
        (folder / "warehouse").mkdir()
        self.properties = {
            "type": "sql",
            "uri": f"sqlite:///{folder}/iceberg.db",
            "warehouse": f"file://{folder}/warehouse",
        }

    def catalog(self) -> Catalog:
        """Open the catalog anew."""
        return load_catalog("own", **self.properties)

    def export(self) -> dict[str, Exported]:
        """Export as the command does; return what was done to each table."""
        done = places.update(
            addresses.parse(self.lake),
            lambda store: list(export(cast("LakeStore", store), self.catalog(), "chainlight")),
        )
        return {each.table: each for each in done}

    def command(self) -> list[dict[str, Any]]:
        """Run the command in a process of its own: PyIceberg reads its settings once."""
        settings = {f"PYICEBERG_CATALOG__OWN__{k.upper()}": v for k, v in self.properties.items()}
        command = [sys.executable, "-m", "chainlight_collector", "export-iceberg"]
        done = subprocess.run(
            [*command, "--db", self.lake, "--catalog", "own", "--json"],
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        tables: list[dict[str, Any]] = json.loads(done.stdout)["tables"]
        return tables

    def take(self, *files: Path) -> None:
        """Bring the events of files into the lake."""
        places.update(addresses.parse(self.lake), lambda store: _take(store, files))

    def lacking(self, *tables: str) -> list[str]:
        """Return those tables that do not have the lake's columns in Iceberg."""
        catalog = self.catalog()
        with places.reading(addresses.parse(self.lake)) as store:
            return [name for name in tables if _columns_of(catalog, name) != _columns(store, name)]

    def equal(self, *tables: str) -> list[str]:
        """Return those tables of which Iceberg and the lake hold the same rows, and some."""
        catalog = self.catalog()
        with places.reading(addresses.parse(self.lake)) as store:
            return [name for name in tables if _rows_of(catalog, name) == _own(store, name)]


def _take(store: Store, files: Sequence[Path]) -> None:
    for step in chain.from_iterable(map(ingest.steps, files)):
        with store.transaction() as connection:
            counts = step(connection, time.time_ns() // 1000)
            derive.postpone_touched(connection, counts.touched_since_us)
    store.catch_up()


def _rows_of(catalog: Catalog, name: str) -> tuple[int, list[str]]:
    rows = catalog.load_table(f"chainlight.{name}").scan().to_arrow()  # noqa: F841  DuckDB sees it
    found = duckdb.sql("FROM rows ORDER BY ALL").fetchall()
    return len(found) or -1, [repr(row) for row in found]


def _columns_of(catalog: Catalog, name: str) -> list[str]:
    fields = catalog.load_table(f"chainlight.{name}").schema().fields
    return [field.name for field in fields]


def _columns(store: Store, name: str) -> list[str]:
    return [column[0] for column in store.query(f"FROM {name} LIMIT 0").description or ()]


def _own(store: Store, name: str) -> tuple[int, list[str]]:
    found = store.query(f"FROM {name} ORDER BY ALL").fetchall()
    return len(found), [repr(row) for row in found]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_iceberg_reads_what_the_lake_holds_also_after_rows_changed(
    world: World, tmp_path: Path, invocations: Any
) -> None:
    records = tmp_path / "records.ndjson"
    lines = (record_line(calls=[CALL]), REPORT)
    records.write_text("".join(json.dumps(event(line)) + "\n" for line in lines))
    world.take(records, _events(tmp_path, invocations(250, first_ms=1_795_000_000_000), "f"))
    first = world.export()
    position = world.catalog().load_table("chainlight.attempt_rows").metadata_location

    # A table with lists is copied; neither is touched where no file of the lake changed.
    assert [(name, first[name].is_copied) for name in TABLES] == [
        ("attempt_rows", False),
        ("call_rows", True),
        ("chain_rows", False),
        ("invocation_reports", False),
    ]
    assert not {"checkpoints", "derive_backlog", "write_lease"} & first.keys()
    assert world.lacking("execution_rows", "price_overrides", "call_rows") == []
    assert {row["added_count"] for row in world.command()} == {0}
    assert world.catalog().load_table("chainlight.attempt_rows").metadata_location == position

    # Later events of the same minutes: their chains are derived anew, which deletes rows.
    world.take(_events(tmp_path, invocations(40, first_ms=1_795_000_000_500, name="g"), "g"))
    assert world.export()["attempt_rows"].added_count >= 1
    assert world.equal(*TABLES) == [*TABLES]


def test_what_is_no_lake_and_what_is_no_catalog_is_told(tmp_path: Path) -> None:
    cases = (
        (["--db", str(tmp_path / "one.duckdb")], "is no lake"),
        (["--db", "s3://bucket/one.duckdb"], "is no lake"),
        (["--db", "s3://bucket/one.ducklake", "--catalog", "none"], "no Iceberg catalog 'none'"),
    )
    for arguments, words in cases:
        result = CliRunner().invoke(cli, ["export-iceberg", *arguments])
        assert (result.exit_code, words in result.stderr) == (2, True), result.stderr
