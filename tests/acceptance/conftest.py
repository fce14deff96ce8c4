"""One run of the real demo for all acceptance tests: local AWS, both stacks, the real collector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.store import Store
from chainlight_demo.run import Demo, deployed
from chainlight_demo.truth import Truth


@dataclass(frozen=True, slots=True)
class Evening:
    """What one round of orders left behind: the database and the handlers' own witness."""

    demo: Demo
    store: Store
    truth: Truth
    database: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query over the collected database."""
        return self.store.query(sql).fetchall()

    def one(self, sql: str) -> Any:
        """Return the only value of a query."""
        return self.rows(sql)[0][0]


@pytest.fixture(scope="session")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    directory = tmp_path_factory.mktemp("demo")
    with deployed(directory, say=print) as demo:
        demo.place_orders(lambda: None)
        demo.collect()
        database = demo.fetch_database()
        store = Store.open(database, read_only=True)
        yield Evening(demo, store, demo.truth(), database)
        store.close()
