"""The chains of the benchmark: facts of so many rows, derived by the collector's own code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chainlight_collector import derive
from chainlight_collector.store import Settings, Store

if TYPE_CHECKING:
    import duckdb

STARTED_US = 1_790_000_000_000_000
APART_US = 3_600_000_000
COPIES = 3
"""Each open in the bench is the server's first of that chain, so each needs a chain of its own."""

LEAF_US = 6_000
FACTS = (Path(__file__).parent / "chain.sql").read_text("utf-8").split(";\n")


def ids(path: Path, sizes: tuple[int, ...]) -> dict[int, list[str]]:
    """Return the chains of each size, in a database that is made where it is missing."""
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _make(unfinished, sizes)
        unfinished.rename(path)
    with Store.open(path) as store:  # brings the views of a kept database up to date
        rows = store.query(
            "SELECT chain_id, count(*) FROM chain_timeline GROUP BY ALL ORDER BY ALL"
        )
        found: dict[int, list[str]] = {}
        for chain_id, count in rows.fetchall():
            found.setdefault(count, []).append(chain_id)
    return found


def _make(path: Path, sizes: tuple[int, ...]) -> None:
    with Store.open(path, settings=Settings(threads=2, memory_limit="4GB")) as store:
        with store.transaction() as connection:
            started_us = STARTED_US
            for size in sizes:
                for _ in range(COPIES):
                    started_us += APART_US
                    _add(connection, size, started_us)
            derive.derive(connection, None)
        store.checkpoint()


def _add(connection: duckdb.DuckDBPyConnection, size: int, started_us: int) -> None:
    given = {
        "chain_id": f"1-{started_us // 1_000_000:08x}-{size:024x}",
        "size": size,
        "started_us": started_us,
        "length_us": LEAF_US * 3 ** _depth(size),
    }
    for statement in filter(str.strip, FACTS):
        used = {name: value for name, value in given.items() if f"${name}" in statement}
        connection.execute(statement, used)


def _depth(size: int) -> int:
    """Return how many calls lead to the deepest row of a tree of four callees each."""
    depth = 0
    while size > 1:
        depth, size = depth + 1, (size + 2) // 4
    return depth
