"""Whatever order, split or repetition the lines come in: what follows from them is the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainlight_collector.derive import derive, due, postpone

from .derive_facts import derived, empty, open_database, rows_of
from .log_lines import taker
from .test_ingest_once import EVENTS

EXAMPLES = max(3, int(os.environ.get("CHAINLIGHT_EXAMPLES", "0")) // 4)
Database = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with open_database() as connection:
        yield connection


def _fill(database: Database, folder: Path, pieces: list[list[dict[str, object]]]) -> None:
    empty(database)
    take = taker(database, folder)
    for piece in pieces:
        counts = take(*piece)
        if counts.touched_since_us is not None:
            derive(database, counts.touched_since_us or None)


def _catch_up(database: Database) -> None:
    for step in due(database):
        step(database)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.data())
def test_derived_rows_do_not_depend_on_the_order_or_the_split_of_lines(
    database: Database, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("order")
    _fill(database, folder, [EVENTS])
    whole = derived(database)
    shuffled = data.draw(st.permutations(EVENTS))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(EVENTS) - 1), min_size=1, max_size=3)))
    pieces = [
        shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(EVENTS)], strict=True)
    ]

    _fill(database, folder, [*pieces, shuffled[: len(shuffled) // 3]])

    assert derived(database) == whole


def test_what_was_postponed_is_done_by_whatever_derives_next(
    database: Database, tmp_path: Path
) -> None:
    _fill(database, tmp_path, [EVENTS])
    whole = derived(database)
    empty(database)
    counts = taker(database, tmp_path)(*EVENTS)
    postpone(database, counts.touched_since_us or None)

    _catch_up(database)

    assert derived(database) == whole
    assert rows_of(database, "FROM derive_backlog") == []
    _catch_up(database)
    assert derived(database) == whole
