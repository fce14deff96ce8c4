"""Chains and dead letters in memory are those of the views, in parts or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from chainlight_dashboard import shadows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'shadow' ORDER BY ALL"


@pytest.fixture
def connection(filled: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = duckdb.connect(":memory:")
    opened.execute(f"ATTACH '{filled}' AS snapshot (READ_ONLY)")
    opened.execute("SET search_path = 'snapshot.main'; SET TimeZone = 'UTC'")
    yield opened
    opened.close()


@pytest.mark.parametrize("part_chains_count", [1, 250_000])
def test_what_is_in_memory_is_what_the_views_say(
    connection: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    part_chains_count: int,
) -> None:
    monkeypatch.setattr(shadows, "PART_CHAINS_COUNT", part_chains_count)
    shadows.fill(connection)
    for view in ("chains", "dead_letters"):
        kept = connection.execute(f"FROM shadow.main.{view} ORDER BY ALL").fetchall()
        assert kept == connection.execute(f"FROM snapshot.main.{view} ORDER BY ALL").fetchall()
        assert kept


def test_more_chains_than_fit_are_left_to_their_view(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadows, "CHAINS_MAX", 3)
    shadows.fill(connection)
    assert connection.execute(TABLES).fetchall() == [("dead_letters",)]


def test_a_part_that_does_not_fit_leaves_no_half_of_the_chains(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts(_: duckdb.DuckDBPyConnection) -> Iterator[str]:
        yield "day IS NOT NULL"
        raise duckdb.OutOfMemoryException

    monkeypatch.setattr(shadows, "_parts", parts)
    shadows.fill(connection)
    assert connection.execute(TABLES).fetchall() == [("dead_letters",)]
