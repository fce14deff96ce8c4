"""An import does with little memory, and takes more only where little is not enough."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from chainlight_collector.cli import import_
from chainlight_collector.memory import LITTLE_BYTES, Memory, Result
from chainlight_collector.store import Settings, Store

LIMIT = "SELECT parse_formatted_bytes(current_setting('memory_limit'))"
HUNGRY = "SELECT len(list(md5(range::VARCHAR))) FROM range(3_000_000)"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    allowed = {"memory_limit": "1GB", "max_temp_directory_size": "0KB", "threads": 1}
    with duckdb.connect(config=allowed) as opened:  # type: ignore[arg-type]
        yield opened


def limit_bytes(connection: duckdb.DuckDBPyConnection) -> float:
    return pytest.approx(connection.execute(LIMIT).fetchall()[0][0], rel=0.001)


def test_little_is_used_meanwhile_and_all_afterwards(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    with Memory(connection).spared():
        assert limit_bytes(connection) == LITTLE_BYTES
    assert limit_bytes(connection) == 1e9


def test_whoever_allows_less_gets_less(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET memory_limit = '100MB'")
    with Memory(connection).spared():
        assert limit_bytes(connection) == 1e8


def test_what_little_is_not_enough_for_is_done_again_with_all(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    tries = []

    def work() -> int:
        tries.append(1)
        connection.execute(HUNGRY)
        return len(tries)

    with Memory(connection).spared() as memory:
        assert memory.again(work) == 2
        assert limit_bytes(connection) == 1e9


def test_what_all_is_not_enough_for_fails(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET memory_limit = '100MB'")
    with Memory(connection).spared() as memory, pytest.raises(duckdb.OutOfMemoryException):
        memory.again(lambda: connection.execute(HUNGRY))


class Twice(Memory):
    """A memory in which everything fails at its end and is begun again."""

    def again(self, work: Callable[[], Result]) -> Result:
        """Do it, forget that it went well, and do it again."""
        work()
        return work()


def test_a_file_that_is_begun_again_is_counted_once(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson.gz"
    lines = [_event(number) for number in range(20)] + ["no document"]
    file.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    with Store.open(tmp_path / "test.duckdb", settings=Settings()) as store:
        counts = import_._import(store, file, Twice(store._connection))
        known = import_._import(store, file, store.memory)
    assert (counts.kept, counts.known, counts.skipped, counts.rejected) == (20, 0, 0, 1)
    assert (known.kept, known.known, known.skipped, known.rejected) == (0, 21, 0, 0)


def _event(number: int) -> str:
    request = f"00000000-0000-4000-8000-{number:012x}"
    return json.dumps(
        {
            "logGroup": "/aws/lambda/shop",
            "logStream": "2026/11/01/[1]a",
            "timestamp": 1_790_000_000_000 + number,
            "message": f"START RequestId: {request} Version: 1",
        }
    )
