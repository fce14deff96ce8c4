"""Kill -9 of the real collector over everything the shop left behind: logs, functions, queues."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chainlight_collector.store import Store

from .conftest import Evening

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

KILLS_COUNT = int(os.environ.get("CHAINLIGHT_KILLS_COUNT", "5"))
KILLED_AFTER_S_MAX = 2.5
PEEK_INVISIBLE_S = 31  # a killed peek leaves its messages invisible for so long
OWN_CLOCKS = {"seen_us", "observed_us", "scanned_us", "updated_us"}
OWN_RUNS = {"checkpoints", "collector_runs", "dead_letter_scans"}


def test_a_collector_killed_at_random_moments_ends_with_the_undisturbed_tables(
    evening: Evening, tmp_path: Path
) -> None:
    chance = random.Random(20)  # noqa: S311 - moments, not secrets
    killed, undisturbed = tmp_path / "killed.duckdb", tmp_path / "undisturbed.duckdb"
    endings = [_kill(evening, killed, chance) for _ in range(KILLS_COUNT)]
    time.sleep(PEEK_INVISIBLE_S)
    _collect(evening, killed)
    _collect(evening, undisturbed)
    assert endings.count(-signal.SIGKILL) >= KILLS_COUNT // 2, endings
    assert _tables(killed) == _tables(undisturbed)


def _kill(evening: Evening, database: Path, chance: random.Random) -> int:
    process = _start(evening, database)
    try:
        return process.wait(timeout=chance.uniform(0.2, KILLED_AFTER_S_MAX))
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _collect(evening: Evening, database: Path) -> None:
    assert _start(evening, database).wait() == 0


def _start(evening: Evening, database: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "chainlight_collector", "collect", "--db", str(database)]
    return subprocess.Popen(
        [*command, "--log-group-prefix", "/aws/lambda/shop-", "--settle", "0", "--json"],
        env=evening.demo.aws.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _tables(database: Path) -> dict[str, list[tuple[object, ...]]]:
    store = Store.open(database, read_only=True)
    try:
        names = store.query(
            "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        ).fetchall()
        return {name: _rows(store, name) for (name,) in names if name not in OWN_RUNS}
    finally:
        store.close()


def _rows(store: Store, name: str) -> list[tuple[object, ...]]:
    columns = [row[0] for row in store.query(f"DESCRIBE {name}").fetchall()]
    kept = ", ".join(f'"{column}"' for column in columns if column not in OWN_CLOCKS)
    rows = store.query(f"SELECT {kept} FROM {name} ORDER BY ALL").fetchall()  # noqa: S608
    return list(rows)
