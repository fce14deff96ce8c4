"""The database file: opened, refused, rolled back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from chainlight_collector import ddl, derive, ingest
from chainlight_collector.errors import (
    SchemaMismatchError,
    StoreLockedError,
    StoreMissingError,
    StoreUnreadableError,
)
from chainlight_collector.store import Settings, Store

COLUMNS_OF_ROWS = """
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE NOT internal ORDER BY ALL
"""
HOLDER = """
import sys, time
from chainlight_collector.store import Store
store = Store.open(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chainlight.duckdb"


def test_a_new_file_has_every_object_of_the_order(path: Path) -> None:
    with Store.open(path) as store:
        names = store.query("SELECT table_name FROM duckdb_tables()").fetchall()

    facts = {
        file.split("/")[-1][:-4] for file, _ in ddl.schema_files() if file.startswith("facts/")
    }
    assert facts <= {name for (name,) in names}


def test_an_upgrade_keeps_rows_and_renews_views(path: Path) -> None:
    with Store.open(path) as store, store.transaction() as connection:
        connection.execute("INSERT INTO checkpoints (source) VALUES ('logs')")
        connection.execute("CREATE OR REPLACE VIEW rejects AS SELECT 1 AS old")
        connection.execute("UPDATE schema_versions SET digest = 'of an older version'")

    with Store.open(path) as store:
        assert store.query("SELECT source FROM checkpoints").fetchall() == [("logs",)]
        columns = [column[0] for column in store.query("SELECT * FROM rejects").description]
        assert "old" not in columns


def _insert_and(store: Store, statement: str) -> None:
    with store.transaction() as connection:
        connection.execute("INSERT INTO checkpoints (source) VALUES ('logs')")
        connection.execute(statement).fetchall()


def test_a_failed_transaction_leaves_nothing(path: Path) -> None:
    with Store.open(path) as store:
        for statement in ("SELECT CAST('x' AS INTEGER) FROM range(3)", "SELEC"):
            with pytest.raises(duckdb.Error):
                _insert_and(store, statement)

        assert store.query("SELECT count(*) FROM checkpoints").fetchone() == (0,)


def test_times_are_utc_in_every_cursor(path: Path) -> None:
    with Store.open(path) as store:
        row = store.query("SELECT CAST('2026-01-01 00:00:00' AS TIMESTAMPTZ)").fetchone()

    assert row is not None
    assert row[0].isoformat() == "2026-01-01T00:00:00+00:00"


def test_parameters_reach_a_query(path: Path) -> None:
    with Store.open(path) as store:
        assert store.query("SELECT $a + 1", {"a": 1}).fetchone() == (2,)


def test_a_missing_file_is_named_when_reading(path: Path) -> None:
    with pytest.raises(StoreMissingError, match=r"chainlight\.duckdb.*--db"):
        Store.open(path, read_only=True)


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("no database" * 1000)

    with pytest.raises(StoreUnreadableError, match=r"chainlight\.duckdb"):
        Store.open(path)
    assert path.read_text() == "no database" * 1000


def test_a_foreign_database_is_refused_and_left_alone(path: Path) -> None:
    with duckdb.connect(str(path)) as foreign:
        foreign.execute("CREATE TABLE mine (x INTEGER)")

    with pytest.raises(SchemaMismatchError, match="not one of chainlight"):
        Store.open(path)
    with duckdb.connect(str(path)) as foreign:
        tables = foreign.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert tables == [("mine",)]


@pytest.mark.parametrize("read_only", [True, False])
def test_another_schema_version_is_refused_with_what_to_do(path: Path, *, read_only: bool) -> None:
    with Store.open(path) as store, store.transaction() as connection:
        connection.execute("UPDATE schema_versions SET version = 99")

    with pytest.raises(SchemaMismatchError, match=r"version 99.*Use the chainlight that wrote it"):
        Store.open(path, read_only=read_only)


def test_a_file_that_another_process_writes_is_named(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        try:
            with pytest.raises(StoreLockedError, match="another process has"):
                Store.open(path)
        finally:
            holder.communicate()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setenv("CHAINLIGHT_THREADS", "1")
    monkeypatch.setenv("CHAINLIGHT_MEMORY_LIMIT", "300MB")

    with Store.open(path) as store:
        row = store.query("SELECT current_setting('threads'), current_setting('memory_limit')")
        assert row.fetchone() == (1, "286.1 MiB")
    assert Settings.from_environment() == Settings(threads=1, memory_limit="300MB")


def test_what_a_killed_writer_spilled_is_removed_and_spilling_goes_on(
    monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    monkeypatch.setenv("CHAINLIGHT_MEMORY_LIMIT", "60MB")
    spilled = Path(f"{path}.tmp")
    spilled.mkdir()
    (spilled / "duckdb_temp_storage-0.tmp").write_bytes(b"left")

    with Store.open(path) as store:
        is_left = (spilled / "duckdb_temp_storage-0.tmp").exists()
        row = store.query(
            "SELECT count(*) FROM (SELECT sha256(i::VARCHAR) AS h FROM range(600000) AS t(i) "
            "ORDER BY h)"
        ).fetchone()

    assert (is_left, row) == (False, (600000,))


def test_an_upgrade_adds_columns_to_facts_and_derives_anew(path: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text(
        "START RequestId: 7a1c4f3e-0000-4000-8000-000000000001 Version: 7\n"
        "REPORT RequestId: 7a1c4f3e-0000-4000-8000-000000000001\tDuration: 12.50 ms\t"
        "Billed Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB\t\n"
    )
    with Store.open(path) as store, store.transaction() as connection:
        ingest.log_texts(connection, [lines], 1)
        derive.derive(connection, None)
    with Store.open(path) as store:
        before = store.query("FROM attempts").fetchall()
        columns = store.query(COLUMNS_OF_ROWS).fetchall()
    with duckdb.connect(str(path)) as older:
        older.execute("ALTER TABLE records DROP COLUMN owner")
        older.execute("ALTER TABLE attempt_rows DROP COLUMN billed_ms")
        older.execute("UPDATE schema_versions SET digest = 'of an older version'")

    with Store.open(path) as store:
        assert len(before) == 1
        assert store.query("FROM attempts").fetchall() == before
        assert store.query(COLUMNS_OF_ROWS).fetchall() == columns


def test_a_schema_that_is_there_is_not_applied_again(path: Path) -> None:
    Store.open(path).close()
    with duckdb.connect(str(path)) as changed:
        changed.execute("DROP VIEW waits")

    with Store.open(path) as store:
        views = store.query("SELECT view_name FROM duckdb_views() WHERE view_name = 'waits'")
        assert views.fetchall() == []
