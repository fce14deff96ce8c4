"""The view coverage: how much is known of each day, and whether it stays right as more is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest

from chainlight_collector.derive import derive

from .derive_facts import (
    MS,
    T0_US,
    Call,
    Cause,
    Execution,
    chain_of,
    day_of,
    insert_all,
    open_database,
    rows_of,
)

HOUR_US = 3_600_000_000
SHARES = """
SELECT day, invocations_count, with_record_share, with_report_share, linked_share, oldest_gap_at
FROM coverage
"""
CALL = Call("c1", "b", MS, 20 * MS, keys=("B",))
ENTRY = Execution("api", "A", 2 * HOUR_US, 50 * MS, chain=chain_of(1), calls=[CALL], source="apigw")
CALLEE = Execution("b", "B", 2 * HOUR_US + 5 * MS, 10 * MS, chain=chain_of(1))
UNKNOWN_SENDER = Execution(
    "worker", "W", 2 * HOUR_US, 10 * MS, source="sqs", causes=[Cause(keys=("m1",))]
)
WITHOUT_LAYER = Execution("bare", "X", 2 * HOUR_US, 10 * MS, lines="start report")
WITHOUT_END = Execution("gone", "G", 0, 10 * MS, lines="start")


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


def test_an_entry_is_not_missing_and_what_somebody_must_have_caused_is(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, [ENTRY, CALLEE, UNKNOWN_SENDER, WITHOUT_LAYER, WITHOUT_END])
    derive(database, None)
    gap_at = dt.datetime.fromtimestamp(T0_US / 1e6, dt.UTC)
    assert rows_of(database, SHARES) == [(day_of(T0_US), 5, 3 / 5, 4 / 5, 1 / 4, gap_at)]


def test_a_sender_that_is_read_later_makes_its_callee_linked(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, [UNKNOWN_SENDER])
    derive(database, None)
    before = rows_of(database, SHARES)
    send = Call("c2", "queue", MS, 5 * MS, kind="sqs", keys=("m1",))
    insert_all(database, [Execution("api", "S", HOUR_US, 50 * MS, calls=[send], source="apigw")])
    derive(database, T0_US + HOUR_US)
    day = day_of(T0_US)
    assert before == [(day, 1, 1.0, 1.0, 0.0, None)]
    assert rows_of(database, SHARES) == [(day, 2, 1.0, 1.0, 1.0, None)]
