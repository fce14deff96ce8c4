"""The rows of one chain, as the public views have them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from chainlight_collector.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, Any]
PARTS = ("timeline", "segments", "attempts", "calls", "links", "dead_letters")


class Cursor(Protocol):
    """What we use of a DuckDB cursor."""

    @property
    def description(self) -> Any:  # noqa: ANN401 - as DuckDB declares it
        """One entry per column; the first of each is its name."""
        ...

    def execute(self, query: str, parameters: object = None) -> Any:  # noqa: ANN401
        """Run a query; the cursor then holds its rows."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows."""
        ...


@dataclass(frozen=True, slots=True)
class Chain:
    """One row of `chains`, and the rows of every view that names the chain."""

    chain: Row
    timeline: Sequence[Row]
    segments: Sequence[Row]
    attempts: Sequence[Row]
    calls: Sequence[Row]
    links: Sequence[Row]
    dead_letters: Sequence[Row]

    @property
    def chain_id(self) -> str:
        """Its id."""
        return str(self.chain["chain_id"])


def read(cursor: Cursor, chain_id: str) -> Chain:
    """Read everything that is known of the chain.

    Raises:
        QueryError: the database has no such chain.

    """
    found = rows_of(cursor, "chain", chain_id)
    if not found:
        raise QueryError(f"there is no chain {chain_id!r}. `chainlight chains` lists the newest.")
    parts = {name: rows_of(cursor, name, chain_id) for name in PARTS}
    return Chain(chain=found[0], **parts)


def rows_of(cursor: Cursor, name: str, chain_id: str) -> list[Row]:
    """Return the rows of `queries/<name>.sql` as dictionaries by column."""
    cursor.execute(_text(name), {"chain_id": chain_id})
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


@cache
def _text(name: str) -> str:
    return (resources.files(__package__) / "queries" / f"{name}.sql").read_text("utf-8")
