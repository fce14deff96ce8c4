from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chainlight_collector import objects
from chainlight_collector.aws import Aws
from chainlight_collector.errors import StoreMissingError, UsageError
from chainlight_collector.objects import DatabaseObject, LostRaceError

BUCKET = "chainlight-test"


@pytest.fixture
def bucket(moto: Any) -> str:
    moto("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return BUCKET


def _count_up(path: Path) -> int:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS ticks AS SELECT 0 AS n")
        connection.execute("UPDATE ticks SET n = n + 1")
        return _ticks(connection)


def _ticks(connection: duckdb.DuckDBPyConnection) -> int:
    return connection.execute("SELECT n FROM ticks").fetchone()[0]


def _read(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        return _ticks(connection)


@pytest.mark.parametrize("key", ["db.duckdb", "db.duckdb.gz"])
def test_what_one_writer_publishes_another_machine_fetches(
    bucket: str, tmp_path: Path, key: str
) -> None:
    DatabaseObject(Aws(), bucket, key, tmp_path / "writer").update(_count_up)

    path = objects.fetch(f"s3://{bucket}/{key}", tmp_path / "reader")

    assert _read(path) == 1


def test_key_that_ends_in_gz_is_stored_compressed(bucket: str, moto: Any, tmp_path: Path) -> None:
    for key in ("db.duckdb", "db.duckdb.gz"):
        DatabaseObject(Aws(), bucket, key, tmp_path).update(_count_up)

    sizes_bytes = [
        moto("s3").head_object(Bucket=bucket, Key=key)["ContentLength"]
        for key in ("db.duckdb", "db.duckdb.gz")
    ]

    assert sizes_bytes[1] < sizes_bytes[0] / 10


def test_version_is_downloaded_once(bucket: str, tmp_path: Path) -> None:
    DatabaseObject(Aws(), bucket, "db", tmp_path / "writer").update(_count_up)
    reader = DatabaseObject(Aws(), bucket, "db", tmp_path / "reader")

    first = reader.fetch()
    touched_ns = first.path.stat().st_mtime_ns
    second = reader.fetch()

    assert second == first
    assert second.path.stat().st_mtime_ns == touched_ns


def test_open_version_is_never_replaced(bucket: str, tmp_path: Path) -> None:
    writer = DatabaseObject(Aws(), bucket, "db", tmp_path / "writer")
    writer.update(_count_up)
    reader = DatabaseObject(Aws(), bucket, "db", tmp_path / "reader")
    first = reader.fetch()

    with duckdb.connect(str(first.path), read_only=True) as connection:
        writer.update(_count_up)
        second = reader.fetch()

        assert second.path != first.path
        assert (_ticks(connection), _read(second.path)) == (1, 2)


def test_lost_race_is_run_again_on_the_winners_version(bucket: str, tmp_path: Path) -> None:
    fast = DatabaseObject(Aws(), bucket, "db", tmp_path / "fast")
    slow = DatabaseObject(Aws(), bucket, "db", tmp_path / "slow")
    fast.update(_count_up)
    rounds: list[int] = []

    def overtaken(path: Path) -> int:
        if not rounds:
            fast.update(_count_up)
        rounds.append(_count_up(path))
        return rounds[-1]

    assert slow.update(overtaken) == 3
    assert rounds == [2, 3]


def test_first_version_is_published_once_only(bucket: str, tmp_path: Path) -> None:
    first = DatabaseObject(Aws(), bucket, "db", tmp_path / "first")
    second = DatabaseObject(Aws(), bucket, "db", tmp_path / "second")
    rounds: list[int] = []

    def overtaken(path: Path) -> int:
        if not rounds:
            first.update(_count_up)
        rounds.append(_count_up(path))
        return rounds[-1]

    assert second.update(overtaken) == 2


def test_loser_of_every_race_says_so(bucket: str, tmp_path: Path) -> None:
    fast = DatabaseObject(Aws(), bucket, "db", tmp_path / "fast")
    slow = DatabaseObject(Aws(), bucket, "db", tmp_path / "slow")

    def overtaken(path: Path) -> int:
        fast.update(_count_up)
        return _count_up(path)

    with pytest.raises(LostRaceError, match="reserved concurrency 1"):
        slow.update(overtaken)


def test_two_writers_at_once_lose_no_update(bucket: str, tmp_path: Path) -> None:
    def write(name: str) -> None:
        database = DatabaseObject(Aws(), bucket, "db", tmp_path / name)
        done_count = 0
        while done_count < 5:
            try:
                database.update(_count_up)
            except LostRaceError:
                continue
            done_count += 1

    threads = [threading.Thread(target=write, args=[name]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _read(objects.fetch(f"s3://{bucket}/db", tmp_path / "reader")) == 10


def test_run_that_fails_changes_nothing(bucket: str, tmp_path: Path) -> None:
    database = DatabaseObject(Aws(), bucket, "db", tmp_path)
    database.update(_count_up)

    def failing(path: Path) -> int:
        _count_up(path)
        raise OSError("out of luck")

    with pytest.raises(OSError, match="out of luck"):
        database.update(failing)
    assert _read(database.fetch().path) == 1
    assert not list(tmp_path.rglob("work-*"))


def test_missing_object_is_told_apart_from_a_wrong_address(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError, match="no database at s3://"):
        objects.fetch(f"s3://{bucket}/none", tmp_path)
    with pytest.raises(UsageError, match="s3://bucket/key"):
        objects.fetch("chainlight.duckdb", tmp_path)


def test_client_of_the_caller_is_used(
    bucket: str, moto: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    DatabaseObject(Aws(), bucket, "db", tmp_path / "writer").update(_count_up)
    client = moto("s3")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    path = objects.fetch(f"s3://{bucket}/db", tmp_path / "reader", client=client)

    assert _read(path) == 1
