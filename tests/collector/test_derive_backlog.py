"""What was postponed is derived in slices: however small they are, the rows are the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainlight_collector.derive import derive, due, postpone

from .derive_facts import T0_US, Call, Cause, Execution, derived, empty, insert, rows_of
from .derive_facts import open_database as opened
from .test_derive_properties import FEWER, World, worlds


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with opened() as connection:
        yield connection


@settings(parent=FEWER)
@given(world=worlds(), slice_facts_count=st.integers(60, 200))
def test_slices_of_any_size_give_what_deriving_everything_gives(
    database: duckdb.DuckDBPyConnection, world: World, slice_facts_count: int
) -> None:
    empty(database)
    insert(database, world.rows())
    postpone(database, None)
    for step in due(database, slice_facts_count):
        step(database)
    in_slices = derived(database)
    derive(database, None)
    assert in_slices == derived(database)


def test_a_killed_derivation_goes_on_where_it_was(database: duckdb.DuckDBPyConnection) -> None:
    empty(database)
    insert(database, [row for one in _hourly(6) for row in one.rows()])
    postpone(database, T0_US)
    steps = due(database, 6)
    next(steps)(database)
    next(steps)(database)
    assert rows_of(database, "SELECT since_us FROM derive_backlog") == [(T0_US + 4 * HOUR_US,)]
    assert len(rows_of(database, "FROM attempts")) == 4

    for step in due(database, 6):
        step(database)

    in_slices = derived(database)
    assert rows_of(database, "FROM derive_backlog") == []
    derive(database, None)
    assert in_slices == derived(database)


def test_a_day_is_added_up_once_when_the_slices_have_left_it(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Ten executions ran on the first day. The day a slice ends in is left to the next."""
    empty(database)
    insert(database, [row for one in _hourly(24) for row in one.rows()])
    postpone(database, T0_US)
    seen = []
    for step in due(database, 12):
        step(database)
        seen.append(rows_of(database, DAYS))

    first, second = (date(2026, 9, 21), 10), (date(2026, 9, 22), 14)
    assert seen == [[], [], [first], [first], [first], [first, second]]


def test_a_day_that_a_killed_derivation_left_is_added_up_by_the_next(
    database: duckdb.DuckDBPyConnection,
) -> None:
    empty(database)
    insert(database, [row for one in _hourly(24) for row in one.rows()])
    postpone(database, T0_US)
    next(due(database, 6))(database)
    derive(database, T0_US + 23 * HOUR_US)
    assert rows_of(database, DAYS) == [(date(2026, 9, 21), 10), (date(2026, 9, 22), 14)]


HOUR_US = 3_600_000_000
DAYS = "SELECT day, sum(attempts_count) FROM function_day_rows GROUP BY day ORDER BY day"


def _hourly(count: int) -> list[Execution]:
    """Return executions an hour apart, each but the first caused by a call of the one before."""
    return [
        Execution(
            "shop",
            f"r{number}",
            number * HOUR_US,
            1_000_000,
            calls=[Call(f"c{number}", "shop", 1_000, 2_000)],
            causes=[Cause(call_id=f"c{number - 1}", caller=f"r{number - 1}")] if number else [],
        )
        for number in range(count)
    ]
