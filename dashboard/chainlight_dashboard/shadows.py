"""What every page asks of a snapshot, computed once: its chains and dead letters, in memory.

They shadow the views of the same names: eight queries of Overview would each add up every chain's
bill (0.25 s each of 46 chains, measured). A page may use a gigabyte, and its questions need that:
two million chains take 863 MB of plain memory and 140 MB of compressed, so chains come in by days
and each part is compressed before the next. What is larger still is answered by its view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "shadow"
CHAINS_MAX = 4_000_000
PART_CHAINS_COUNT = 250_000
"""Some 110 MB before they are compressed; a day is never parted."""
_ATTACH = f"ATTACH ':memory:' AS {NAME} (COMPRESS)"
_COUNT = "SELECT count(*) FROM chains"
_DAYS = """
SELECT min(day), max(day) FROM (
    SELECT day, sum(count(*)) OVER (ORDER BY day) // $part_chains_count AS part
    FROM chains WHERE day IS NOT NULL GROUP BY day
) GROUP BY part ORDER BY part
"""


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Compute what pages share into the database `shadow`, from what the search path finds."""
    connection.execute(_ATTACH)
    _guarded(connection, "chains", _fill_chains)
    _guarded(connection, "dead_letters", _fill_dead_letters)


def _guarded(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    work: Callable[[duckdb.DuckDBPyConnection], None],
) -> None:
    try:
        work(connection)
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.OutOfMemoryException):
        # Not there: the query that asks for it says so; too large: the view answers.
        connection.execute(f"DROP TABLE IF EXISTS {NAME}.main.{view}")


def _fill_chains(connection: duckdb.DuckDBPyConnection) -> None:
    counted = connection.execute(_COUNT).fetchone()
    if counted is None or counted[0] > CHAINS_MAX:
        return
    connection.execute(f"CREATE TABLE {NAME}.main.chains AS FROM chains LIMIT 0")
    for condition in _parts(connection):
        connection.execute(f"INSERT INTO {NAME}.main.chains FROM chains WHERE {condition}")
        connection.execute(f"CHECKPOINT {NAME}")


def _parts(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    given = {"part_chains_count": PART_CHAINS_COUNT}
    for first, last in connection.execute(_DAYS, given).fetchall():
        yield f"day BETWEEN DATE '{first}' AND DATE '{last}'"
    yield "day IS NULL"


def _fill_dead_letters(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"CREATE TABLE {NAME}.main.dead_letters AS FROM dead_letters")
