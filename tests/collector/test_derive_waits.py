from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from chainlight_collector.derive import derive

from .derive_facts import MS, T0_US, Call, Execution, empty, insert_all, open_database, rows_of


@pytest.fixture(scope="module")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


@pytest.fixture
def database(shared: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    empty(shared)
    return shared


def _idle(database: duckdb.DuckDBPyConnection, *calls: Call, **values: Any) -> tuple[Any, ...]:
    insert_all(database, [Execution("f", "R", 0, 100 * MS, calls=list(calls), **values)])
    derive(database, None)
    return rows_of(database, "SELECT paid_idle_us, other_wait_us FROM attempts")[0]


def test_parallel_waits_count_once(database: duckdb.DuckDBPyConnection) -> None:
    calls = [Call("a", "g", 10 * MS, 40 * MS), Call("b", "g", 20 * MS, 50 * MS)]
    assert _idle(database, *calls) == (60 * MS, 0)
    assert rows_of(database, "SELECT started_us, ended_us, calls_count FROM waits") == [
        (T0_US + 10 * MS, T0_US + 70 * MS, 2)
    ]
    assert rows_of(database, "SELECT sum(paid_idle_us) FROM calls") == [(60 * MS,)]


def test_cpu_of_other_threads_is_work_counted_once_per_island(
    database: duckdb.DuckDBPyConnection,
) -> None:
    calls = [
        Call("a", "g", 10 * MS, 40 * MS, cpu_us=5 * MS),
        Call("b", "g", 20 * MS, 50 * MS, cpu_us=8 * MS),
        Call("c", "g", 80 * MS, 5 * MS, cpu_us=9 * MS),
    ]
    assert _idle(database, *calls) == (52 * MS, 0)


def test_an_open_call_waits_until_its_attempt_ends(database: duckdb.DuckDBPyConnection) -> None:
    call = Call("a", "g", 30 * MS, None, is_open=True)
    assert _idle(database, call, outcome="timeout") == (70 * MS, 0)


def test_waits_end_with_the_billed_interval(database: duckdb.DuckDBPyConnection) -> None:
    call = Call("a", "g", 10 * MS, 90 * MS)
    assert _idle(database, call, billed_ms=60, status="timeout") == (50 * MS, 0)


def test_only_waits_for_other_functions_are_idle(database: duckdb.DuckDBPyConnection) -> None:
    calls = [
        Call("a", "g", 10 * MS, 10 * MS, is_async=True),
        Call("b", "q", 30 * MS, 7 * MS, "sqs"),
        Call("c", "https://x.example/", 50 * MS, 20 * MS, "http"),
    ]
    waits = '{"dynamodb": [2, 3000], "s3": [1, 500]}'
    assert _idle(database, *calls, other_waits=waits) == (20 * MS, 17 * MS + 3_500)


def test_idle_is_unknown_without_a_record_and_zero_without_a_call(
    database: duckdb.DuckDBPyConnection,
) -> None:
    assert _idle(database, lines="start report") == (None, None)
    empty(database)
    assert _idle(database) == (0, 0)
