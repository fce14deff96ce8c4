"""Runs of the real demo for the acceptance tests: local AWS, both stacks, the real collector.

A calm evening is what the demo shows. On a stormy one AWS behaves as it may: log events come late,
pages come empty, requests are throttled, and queues deliver twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.store import Store
from chainlight_demo.fabric.faults import Faults
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


CALM: dict[str, object] = {}
STORMY: dict[str, object] = {
    "seed": 7,
    "empty_log_page_share": 0.3,
    "late_log_share": 0.2,
    "late_log_ms": 3_000,
    "throttled_share": {"logs:FilterLogEvents": 0.2},
    "duplicate_sqs_share": 0.3,
    "duplicate_async_share": 0.2,
}
STORM_PASSES_S = 4


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "evening" in metafunc.fixturenames:
        is_any = getattr(metafunc.module, "RUNS_ON_ANY_EVENING", False)
        evenings = {"calm": CALM, "stormy": STORMY} if is_any else {"calm": CALM}
        metafunc.parametrize(
            "evening", list(evenings.values()), ids=list(evenings), indirect=True, scope="package"
        )


@pytest.fixture(scope="package")
def evening(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Evening]:
    directory = tmp_path_factory.mktemp("demo")
    with deployed(directory, say=print) as demo:
        calm = {name: getattr(demo.aws.faults, name) for name in request.param}
        _set(demo.aws.faults, request.param)
        demo.place_orders(lambda: None)
        demo.collect()
        if request.param:
            time.sleep(STORM_PASSES_S)  # until the last late event may be seen
            demo.collect()
        _set(demo.aws.faults, calm)
        database = demo.fetch_database()
        store = Store.open(database, read_only=True)
        yield Evening(demo, store, demo.truth(), database)
        store.close()


def _set(faults: Faults, switches: dict[str, object]) -> None:
    for name, value in switches.items():
        setattr(faults, name, value)
