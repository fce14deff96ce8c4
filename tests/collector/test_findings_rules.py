from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from chainlight_collector.derive import derive

from .derive_facts import (
    MS,
    Call,
    Execution,
    chain_of,
    config_of,
    empty,
    insert,
    insert_all,
    open_database,
    rows_of,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


@pytest.fixture
def database(shared: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    empty(shared)
    return shared


def _edge(
    database: duckdb.DuckDBPyConnection,
    *,
    count: int = 20,
    wait_ms: int = 500,
    read: bool = True,
    is_async: bool = False,
    **sizes: Any,
) -> None:
    """Make ``count`` chains in one hour of one call a → b that takes ``wait_ms``."""
    outcome = sizes.get("outcome", "ok")
    executions = []
    for number in range(count):
        at_us = number * 3600_000 * MS // max(count - 1, 1)
        call = Call(
            f"c{number}",
            "b",
            10 * MS,
            wait_ms * MS,
            is_async=is_async,
            read=read,
            keys=(f"B{number}",),
        )
        caller = Execution(
            "a",
            f"A{number}",
            at_us,
            (wait_ms + sizes.get("own_ms", 20)) * MS,
            chain=chain_of(number),
            calls=[call],
            memory_mb=sizes.get("caller_mb", 1024),
        )
        callee = Execution(
            "b",
            f"B{number}",
            at_us + 15 * MS,
            (wait_ms - 10) * MS,
            chain=chain_of(number),
            memory_mb=sizes.get("callee_mb", 1024),
            outcome=outcome,
        )
        executions += [caller, callee]
    insert_all(database, executions)


def _found(database: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    derive(database, None)
    return rows_of(database, "SELECT rule, verdict FROM findings ORDER BY ALL")


def test_below_the_floor_of_calls_nothing_is_advised(database: duckdb.DuckDBPyConnection) -> None:
    _edge(database, count=19)
    assert _found(database) == [("T4", "not_enough_calls")]


def test_a_result_that_nobody_reads_need_not_be_waited_for(
    database: duckdb.DuckDBPyConnection,
) -> None:
    _edge(database, read=False)
    assert _found(database) == [("T6", "make_async")]
    ((saving, arithmetic),) = rows_of(database, "SELECT saving_usd_month, arithmetic FROM findings")
    assert saving == pytest.approx(20 * 0.5 * 0.0000166667 * 30, rel=1e-6)
    assert "read in 0 of 20 calls" in arithmetic


def test_one_read_in_twenty_keeps_the_call_sync(database: duckdb.DuckDBPyConnection) -> None:
    _edge(database, read=False, count=19)
    insert_all(
        database,
        [
            Execution(
                "a",
                "A99",
                0,
                520 * MS,
                chain=chain_of(99),
                calls=[Call("c99", "b", 10 * MS, 500 * MS, read=True)],
            )
        ],
    )
    assert _found(database) == [("T7", "leave_alone")]


def test_a_wait_that_costs_enough_asks_for_one_function_instead_of_two(
    database: duckdb.DuckDBPyConnection,
) -> None:
    _edge(database, wait_ms=90_000, count=40)
    assert _found(database) == [("T7", "merge")]
    ((saving,),) = rows_of(database, "SELECT saving_usd_month FROM findings")
    requests = 40 * 0.0000002
    assert saving == pytest.approx((40 * 90 * 0.0000166667 + requests) * 30, rel=1e-6)


def test_a_callee_that_needs_far_more_memory_must_not_be_merged(
    database: duckdb.DuckDBPyConnection,
) -> None:
    _edge(database, wait_ms=800_000, count=40, own_ms=50_000, caller_mb=128, callee_mb=3072)
    derive(database, None)
    ((verdict, counter),) = rows_of(database, "SELECT verdict, counter_evidence FROM findings")
    assert verdict == "make_durable"
    assert counter.startswith("do not merge: that would save $-")


def test_a_small_wait_is_left_alone_with_its_number(database: duckdb.DuckDBPyConnection) -> None:
    _edge(database, wait_ms=50)
    assert _found(database) == [("T7", "leave_alone")]
    ((counter,),) = rows_of(database, "SELECT counter_evidence FROM findings")
    assert counter.startswith("the wait costs $")


@pytest.mark.parametrize("guard", [None, "dlq_arn", "on_failure_arn"])
def test_an_async_function_needs_a_place_for_its_dead_letters(
    database: duckdb.DuckDBPyConnection, guard: str | None
) -> None:
    _edge(database, is_async=True)
    insert(database, [config_of("b", **({guard: "arn:x"} if guard else {}))])
    assert _found(database) == [("T10", "leave_alone") if guard else ("T8", "add_dlq")]


def test_a_lost_event_is_told_of_below_the_floor_too(database: duckdb.DuckDBPyConnection) -> None:
    _edge(database, is_async=True, count=2, outcome="error")
    insert(database, [config_of("b")])
    assert _found(database) == [("T4", "not_enough_calls"), ("T8", "add_dlq")]


def test_without_a_configuration_nothing_is_said_about_dead_letters(
    database: duckdb.DuckDBPyConnection,
) -> None:
    _edge(database, is_async=True)
    assert _found(database) == [("T10", "leave_alone")]
    ((counter,),) = rows_of(database, "SELECT counter_evidence FROM findings")
    assert "unknown" in counter
