"""What is opened, when it is opened anew, and what is said when it cannot be."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from chainlight_collector import addresses, migration, snapshots
from chainlight_collector.store import Store
from chainlight_dashboard import data, source
from chainlight_dashboard.errors import (
    DatabaseBusyError,
    DatabaseForeignError,
    DatabaseMissingError,
    QueryRefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAYS = """
INSERT INTO function_day_rows BY NAME
FROM (VALUES (DATE '2026-11-01', 10, 10), (DATE '2026-11-02', 10, 10))
    AS days (day, attempts_count, invocations_count);
INSERT INTO cause_rows BY NAME
SELECT DATE '2026-11-01' AS day, 1.0 AS weight, linkage
FROM (VALUES ('linked', 4), ('lost', 2), ('entry', 4)) AS causes (linkage, n), range(n)
UNION ALL BY NAME
SELECT DATE '2026-11-02' AS day, 1.0 AS weight, 'entry' AS linkage FROM range(10)
"""
"""A day on which 4 of the 6 invocations that something caused are linked, and one of entries."""


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "chainlight.duckdb"
    monkeypatch.setenv(source.DATABASE_VARIABLE, str(path))
    return path


def test_a_file_without_snapshots_is_read_itself(name: Path, filled: Path) -> None:
    shutil.copyfile(filled, name)
    totals = data.row("dead_letters_totals")
    assert totals is not None
    assert totals.waiting_count > 0


def test_the_newest_snapshot_is_read_and_a_newer_one_without_a_restart(name: Path) -> None:
    with Store.open(name) as store:
        first = snapshots.publish(store)
        assert data.snapshot().path == str(first)
        assert data.frame("findings").empty
        second = snapshots.publish(store)
        assert data.snapshot().path == str(second)


def test_a_page_reads_while_the_collector_holds_the_file(name: Path) -> None:
    with Store.open(name) as store:
        snapshots.publish(store)
        with store.transaction():
            assert data.row("freshness") is not None


def test_a_day_of_entries_alone_does_not_lower_the_share_of_what_is_linked(name: Path) -> None:
    with Store.open(name) as store:
        with store.transaction() as connection:
            connection.execute(DAYS)
        snapshots.publish(store)
        claims = data.row("freshness")
    assert claims is not None
    assert (claims.invocations_count, claims.linked_share) == (20, 4 / 6)


def test_results_are_kept_until_there_is_a_newer_snapshot(name: Path, filled: Path) -> None:
    shutil.copyfile(filled, name)
    before = data.snapshot()
    shutil.copyfile(filled, name.with_suffix(".new"))
    name.with_suffix(".new").replace(name)
    assert data.snapshot() != before


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="data")
        yield client


def test_an_object_in_s3_is_fetched_and_a_newer_version_too(bucket: Any, filled: Path) -> None:
    with pytest.raises(DatabaseMissingError, match="no object"):
        source.fetched_object("s3://data/shop.duckdb")
    bucket.upload_file(str(filled), "data", "shop.duckdb")
    first = source.fetched_object("s3://data/shop.duckdb")
    assert first.read_bytes() == filled.read_bytes()
    assert source.fetched_object("s3://data/shop.duckdb") == first
    bucket.put_object(Bucket="data", Key="shop.duckdb", Body=b"another version")
    assert source.fetched_object("s3://data/shop.duckdb") != first


def test_a_lake_shows_what_the_file_shows(
    name: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = f"ducklake:{tmp_path}/catalog.ducklake?data={tmp_path}/data"
    with Store.open(name) as store, store.transaction() as connection:
        connection.execute(
            "INSERT INTO dead_letter_messages (queue_arn, message_id, source, function_name,"
            " sent_us)"
            " SELECT 'arn:aws:sqs:eu-central-1:1:dlq', 'm' || i, 'lambda_dlq', 'f', i * 1000000 "
            "FROM range(3) AS t(i)"
        )
    migration.migrate(addresses.parse(str(name)), addresses.parse(lake), tmp_path)
    asked = ("dead_letters_totals", "findings", "dead_letter_queues", "unprotected_functions")
    of_file = {each: data.frame(each).to_csv() for each in asked}

    monkeypatch.setenv(source.DATABASE_VARIABLE, lake)

    assert {each: data.frame(each).to_csv() for each in asked} == of_file
    with pytest.raises(QueryRefusedError, match="chainlight sql"):
        data.answer("SELECT 1")


@pytest.mark.usefixtures("name")
def test_no_file_says_how_to_make_one() -> None:
    with pytest.raises(DatabaseMissingError, match="chainlight collect"):
        data.snapshot()


def test_no_name_says_how_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(source.DATABASE_VARIABLE, raising=False)
    with pytest.raises(DatabaseMissingError, match="--db"):
        data.snapshot()


def test_a_file_of_something_else_is_named(name: Path) -> None:
    name.write_bytes(b"this is no database" * 1_000)
    with pytest.raises(DatabaseForeignError, match="cannot be read as a DuckDB database"):
        data.frame("findings")


def test_a_foreign_database_is_named_with_the_query_that_failed(name: Path) -> None:
    code = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('CREATE TABLE x (a INT)')"
    subprocess.run([sys.executable, "-c", code, str(name)], check=True)
    with pytest.raises(DatabaseForeignError, match="findings"):
        data.frame("findings")


def test_a_file_that_is_being_written_and_has_no_snapshot_is_busy(name: Path) -> None:
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(DatabaseBusyError, match="no snapshot yet"):
            data.frame("findings")
        writer.communicate(b"\n")
