"""One ingest through every mode of storage: equal answers, and no kill or race loses a row."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chainlight_collector import (
    addresses,
    derive,
    ingest,
    lake_store,
    migration,
    places,
    upkeep,
)
from chainlight_collector.errors import (
    StoreConflictError,
    StoreMissingError,
    StoreUnreadableError,
    UsageError,
)
from chainlight_collector.lake_store import LakeStore, newest_version
from chainlight_collector.store import Store
from chainlight_demo import postgres

BUCKET = "chainlight-lake"
VIEWS = ("attempts", "chains", "edges", "findings", "retries", "chain_timeline", "coverage")
COUNTS = "SELECT count(*), count(DISTINCT (function_name, request_id)) FROM attempt_rows"
ROUNDS = int(os.environ.get("CHAINLIGHT_RACE_ROUNDS", "2"))
WRITERS = int(os.environ.get("CHAINLIGHT_LAKE_WRITERS", "2"))
BATCHES = int(os.environ.get("CHAINLIGHT_LAKE_BATCHES", "1"))
KILLS = int(os.environ.get("CHAINLIGHT_LAKE_KILLS", "1"))
PROGRAMS = postgres.programs()
needs_postgres = pytest.mark.skipif(
    PROGRAMS is None, reason="PostgreSQL is not installed (Debian: apt install postgresql)"
)

races = pytest.mark.skipif(
    "CHAINLIGHT_STORAGE_RACES" not in os.environ,
    reason="races and kills take minutes: set CHAINLIGHT_STORAGE_RACES=1",
)


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    assert PROGRAMS is not None
    with postgres.running(PROGRAMS) as url:
        yield url


@pytest.fixture
def bucket(moto: Any) -> str:
    moto("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return BUCKET


@pytest.fixture
def lake(postgres_url: str, bucket: str) -> str:
    name = f"lake_{uuid.uuid4().hex[:8]}"
    assert PROGRAMS is not None
    catalog = postgres.create_database(PROGRAMS, postgres_url, name)
    return f"ducklake:{catalog}?data=s3://{bucket}/{name}"


@pytest.fixture(scope="module")
def shared_lake(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make one lake for the tests that only add to it: making one takes as long as they do."""
    assert PROGRAMS is not None
    catalog = postgres.create_database(PROGRAMS, postgres_url, "shared_lake")
    return f"ducklake:{catalog}?data={tmp_path_factory.mktemp('lake')}"


def _events(folder: Path, events: list[dict[str, Any]], name: str = "f") -> Path:
    file = folder / f"{name}.ndjson"
    lines = [
        {
            "logGroup": f"/aws/lambda/{name}",
            "logStream": event["logStreamName"],
            "timestamp": event["timestamp"],
            "message": event["message"],
        }
        for event in events
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def _take(store: Store, file: Path) -> int:
    kept_count = 0
    for step in ingest.steps(file):
        with store.transaction() as connection:
            counts = step(connection, 1)
            if counts.touched_since_us is not None:
                derive.derive(connection, counts.touched_since_us)
        kept_count += counts.kept
    return kept_count


def _answers(address: addresses.Address, folder: Path) -> dict[str, Any]:
    with places.reading(address, folder) as store:
        return {
            view: store.query(f"SELECT count(*), sum(hash({view})) FROM {view}").fetchall()  # noqa: S608
            for view in VIEWS
        }


def _attempts_count(address: addresses.Address, folder: Path) -> tuple[int, int]:
    with places.reading(address, folder) as store:
        counts = store.query(COUNTS).fetchall()[0]
    return (int(counts[0]), int(counts[1]))


@needs_postgres
def test_one_ingest_gives_equal_answers_in_all_modes_and_after_migration(
    lake: str, bucket: str, tmp_path: Path, invocations: Any
) -> None:
    file = _events(tmp_path, invocations(30, first_ms=1_795_000_000_000))
    modes = [
        str(tmp_path / "one.duckdb"),
        f"s3://{bucket}/one.duckdb",
        f"s3://{bucket}/one.ducklake",
        lake,
    ]
    for number, mode in enumerate(modes):
        places.update(addresses.parse(mode), lambda store: _take(store, file), tmp_path / "w")
        answers = _answers(addresses.parse(mode), tmp_path / "r")
        assert answers["attempts"][0][0] == 30
        if number == 0:
            expected = answers
        assert answers == expected, mode

    back = addresses.parse(str(tmp_path / "back.duckdb"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    rows = migration.migrate(addresses.parse(lake), back, scratch)

    assert (rows["invocation_starts"], rows["attempt_rows"]) == (30, 30)
    assert _answers(back, tmp_path) == expected
    with pytest.raises(UsageError, match="rows in invocation_starts already"):
        migration.migrate(back, addresses.parse(lake), scratch)


_RACER = """
import os, pathlib, signal, sys
from chainlight_collector import addresses, ingest, derive, places
from chainlight_collector.objects import DatabaseObject, LostRaceError
name, address, folder, kills = sys.argv[1], addresses.parse(sys.argv[2]), sys.argv[3], sys.argv[4]
files = [pathlib.Path(file) for file in sys.argv[5:]]
if kills:
    publish = DatabaseObject._publish
    def killed(self, path, etag):
        os.kill(os.getpid(), signal.SIGKILL)
    DatabaseObject._publish = killed
def work(store, file):
    for step in ingest.steps(file):
        with store.transaction() as connection:
            counts = step(connection, 1)
            if counts.touched_since_us is not None:
                derive.derive(connection, counts.touched_since_us)
for file in files:
    while True:
        try:
            places.update(address, lambda store: work(store, file), pathlib.Path(folder))
            break
        except LostRaceError:
            continue
    print(file.name, flush=True)
"""


def _racer(
    name: str, mode: str, folder: Path, files: list[Path], *, kills: str = ""
) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _RACER, name, mode, str(folder / name), kills]
    return subprocess.Popen([*command, *map(str, files)], stdout=subprocess.PIPE, text=True)


@races
def test_object_mode_loses_no_update_of_racing_collectors_nor_of_one_killed_before_it_publishes(
    bucket: str, tmp_path: Path, invocations: Any
) -> None:
    mode = f"s3://{bucket}/race.ducklake"
    address = addresses.parse(mode)
    last = _events(tmp_path, invocations(300, first_ms=1_795_000_900_000, name="late"), "late")
    every: dict[str, list[Path]] = {"one": [], "two": []}
    for name, files in every.items():
        for number in range(ROUNDS // 2):
            first_ms = 1_795_000_000_000 + number * 1000
            events = invocations(3, first_ms=first_ms, name=f"{name}{number}")
            files.append(_events(tmp_path, events, f"{name}{number}"))
    racers = [_racer(name, mode, tmp_path, files) for name, files in every.items()]
    outputs = [racer.communicate(timeout=280)[0] for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0], outputs
    raced_count = 3 * 2 * (ROUNDS // 2)

    with places.reading(address, tmp_path / "r") as reader:
        victim = _racer("victim", mode, tmp_path, [last], kills="yes")
        victim.communicate(timeout=100)
        assert victim.returncode == -signal.SIGKILL
        assert _attempts_count(address, tmp_path / "r") == (raced_count, raced_count)

        places.update(address, lambda store: _take(store, last), tmp_path / "w")

        assert reader.query(COUNTS).fetchall() == [(raced_count, raced_count)]
    assert _attempts_count(address, tmp_path / "r") == (raced_count + 300, raced_count + 300)


def _commit_late(one: Store, two: Store) -> None:
    """Begin a transaction, let another commit meanwhile, and commit."""
    with two.transaction() as late:
        late.execute("SELECT count(*) FROM invocation_starts").fetchall()
        with one.transaction() as early:
            early.execute("INSERT INTO checkpoints (source) VALUES ('one')")
        late.execute("INSERT INTO checkpoints (source) VALUES ('two')")


@needs_postgres
def test_lake_refuses_the_second_of_two_transactions_without_turns(
    shared_lake: str,
) -> None:
    address = addresses.parse(shared_lake)
    assert isinstance(address, addresses.LakeAddress)
    with LakeStore.write(address) as one, LakeStore.write(address) as two:
        for store in (one, two):
            store._has_turn = True  # as if the lock were lost: only the lease row is left
        with pytest.raises(StoreConflictError, match="committed first"):
            _commit_late(one, two)
        rows = one.query("SELECT source FROM checkpoints WHERE source IN ('one', 'two')")
        assert rows.fetchall() == [("one",)]


@races
@needs_postgres
def test_lake_keeps_all_of_many_writers_and_of_killed_ones(
    shared_lake: str, tmp_path: Path, invocations: Any
) -> None:
    address = addresses.parse(shared_lake)
    assert isinstance(address, addresses.LakeAddress)
    every: dict[str, list[Path]] = {}
    for writer in range(WRITERS):
        every[f"w{writer}"] = [
            _events(
                tmp_path,
                invocations(
                    4, first_ms=1_795_000_000_000 + number * 900, name=f"w{writer}n{number}"
                ),
                f"w{writer}n{number}",
            )
            for number in range(BATCHES)
        ]
    shared = _events(tmp_path, invocations(4, first_ms=1_795_000_500_000, name="all"), "all")
    kills = KILLS
    running = {
        name: _racer(name, shared_lake, tmp_path, [shared, *fs]) for name, fs in every.items()
    }
    reader, seen_count, victims = LakeStore.write(address), 0, list(running)
    while running:
        for name in list(running):
            racer = running[name]
            assert racer.stdout is not None
            line = racer.stdout.readline()
            if line and kills and name in victims:
                kills -= 1
                racer.kill()
                racer.wait()
                racer.stdout.close()
                running[name] = _racer(name, shared_lake, tmp_path, [shared, *every[name]])
            elif not line:
                assert racer.wait() == 0
                racer.stdout.close()
                del running[name]
        ((count, distinct_count),) = reader.query(COUNTS).fetchall()
        assert count == distinct_count >= seen_count
        seen_count = count
    reader.close()

    expected_count = 4 * WRITERS * BATCHES + 4
    assert _attempts_count(address, tmp_path) == (expected_count, expected_count)


@races
@needs_postgres
def test_upkeep_changes_no_answer_and_fails_no_reader(shared_lake: str, tmp_path: Path) -> None:
    address = addresses.parse(shared_lake)
    assert isinstance(address, addresses.LakeAddress)
    with LakeStore.write(address) as store, store.transaction() as connection:
        connection.execute("INSERT INTO checkpoints (source) VALUES ('a small row')")
    before, version = _answers(address, tmp_path), newest_version(address)
    with places.reading(address) as reader:
        with LakeStore.write(address) as store:
            for kind in ("merge", "forget"):
                upkeep.do(store, kind)
        for view in VIEWS:
            reader.query(f"SELECT sum(hash({view})) FROM {view}").fetchall()  # noqa: S608
    assert newest_version(address) > version
    assert _answers(address, tmp_path) == before


def test_reader_finds_the_views_also_over_tables_too_large_for_memory(
    tmp_path: Path, invocations: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake_store, "SMALL_ROWS_MAX", 10)
    file = _events(tmp_path, invocations(30, first_ms=1_795_000_000_000))
    address = addresses.parse(f"ducklake:{tmp_path}/catalog.ducklake?data={tmp_path}/data")
    places.update(address, lambda store: _take(store, file))

    with places.reading(address) as store:
        counts = store.query("SELECT (SELECT count(*) FROM node_rows), count(*) FROM attempts")
        assert counts.fetchall() == [(30, 30)]


def test_files_of_a_lake_are_written_with_zstd(tmp_path: Path, invocations: Any) -> None:
    file = _events(tmp_path, invocations(300, first_ms=1_795_000_000_000))
    address = addresses.parse(f"ducklake:{tmp_path}/catalog.ducklake?data={tmp_path}/data")
    places.update(address, lambda store: _take(store, file))

    files = [str(each) for each in (tmp_path / "data").rglob("*.parquet")]
    found = duckdb.sql(f"SELECT DISTINCT compression FROM parquet_metadata({files})")  # noqa: S608
    assert (bool(files), found.fetchall()) == (True, [("ZSTD",)])


@needs_postgres
def test_missing_lake_is_told_to_a_reader(lake: str, tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError, match="no lake at ducklake:postgres://"):
        _answers(addresses.parse(lake), tmp_path)


@pytest.mark.parametrize("url", ["me:secret@127.0.0.1:1/db", "127.0.0.1:1/db?password=secret"])
def test_a_catalog_out_of_reach_is_told_without_its_password(url: str, tmp_path: Path) -> None:
    address = addresses.parse(
        f"ducklake:postgres://{url}{'&' if '?' in url else '?'}data={tmp_path}"
    )
    for opened in (LakeStore.read, LakeStore.write):
        with pytest.raises(StoreUnreadableError) as told:
            opened(address)
        assert "secret" not in str(told.value)
        assert "127.0.0.1" in str(told.value)


def test_addresses_say_what_to_write() -> None:
    secret = addresses.parse("ducklake:postgres://me:word@h/db?sslmode=require&data=s3://b/p")

    assert secret == addresses.LakeAddress("postgres://me:word@h/db?sslmode=require", "s3://b/p/")
    assert secret.name == "ducklake:postgres://me:…@h/db?sslmode=require&data=s3://b/p/"
    assert addresses.parse("s3://b/k.ducklake").is_catalog
    for wrong in ("s3://bucket", "ducklake:postgres://h/db", "postgres://h/db"):
        with pytest.raises(UsageError, match="write"):
            addresses.parse(wrong)
