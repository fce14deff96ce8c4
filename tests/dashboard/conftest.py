"""Databases for the dashboard's tests: filled, empty, hostile; see `contract_shop`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from contract_shop import HOSTILE_NAME, UNTRUSTED, Shop, fill


@pytest.fixture(scope="session")
def now_us() -> int:
    """Return the present: pages ask the clock."""
    return time.time_ns() // 1_000


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, now_us: int) -> Path:
    """Return a database with 60 chains of the last 20 hours."""
    return fill(Shop(now_us)).write(tmp_path_factory.mktemp("filled") / "shop.duckdb")


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with every table and no row."""
    return Shop(0).write(tmp_path_factory.mktemp("empty") / "empty.duckdb")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, now_us: int) -> Path:
    """Return a database in which every name that AWS lets others choose is an attack."""
    shop = fill(Shop(now_us), 12)
    for table in shop.rows.values():
        for row in table:
            row.update({key: HOSTILE_NAME for key in row if key in UNTRUSTED})
    return shop.write(tmp_path_factory.mktemp("hostile") / "hostile.duckdb")
