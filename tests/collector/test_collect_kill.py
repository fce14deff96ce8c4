"""Killed at random moments, the collector ends with the tables of an undisturbed run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chainlight_collector.aws import Aws
from chainlight_collector.collect import Surroundings, collect
from chainlight_collector.sources.run import Options
from chainlight_collector.store import Store

KILLS_COUNT = int(os.environ.get("CHAINLIGHT_KILLS_COUNT", "3"))
GROUPS_COUNT = 3
INVOCATIONS_COUNT = 10
FAST = {"logs:FilterLogEvents": 1000.0}
RUNNING_COUNTS = {"checkpoints", "collector_runs"}  # how often it ran, not what it found
CLOCKS = {"seen_us", "observed_us", "scanned_us"}  # when it looked, not what it saw
BREEDER = """
import os, sys
from pathlib import Path
from chainlight_collector.aws import Aws
from chainlight_collector.collect import Surroundings, collect
from chainlight_collector.sources import batch, logs
from chainlight_collector.sources.run import Options

batch.BATCH_BYTES, logs.TURN_PAGES = 60_000, 2
around = Surroundings(aws=Aws(calls_per_s={"logs:FilterLogEvents": 1000.0}))
for service in ("lambda", "logs"):
    around.aws._client(service)
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        while True:
            collect(Path(sys.argv[1]), Options(settle_us=0), around)
    print(child, flush=True)
    os.waitpid(child, 0)
"""
"""Imports and makes its clients once, and forks a collector for each line that it reads."""


def test_killed_collector_loses_and_doubles_nothing(
    cloudwatch: Any, invocations: Any, tmp_path: Path
) -> None:
    chance = random.Random(20261121)  # noqa: S311  moments, no secrets
    cloudwatch.page_events_count = 40
    cloudwatch.has_empty_pages = True
    disturbed, undisturbed = tmp_path / "killed.duckdb", tmp_path / "whole.duckdb"

    with _breeder(disturbed) as breeder:
        for kill in range(KILLS_COUNT):
            _grow(cloudwatch, invocations, kill)
            _kill_at_random(breeder, cloudwatch, chance)
    for path in (disturbed, undisturbed):
        collect(path, Options(settle_us=0), Surroundings(aws=Aws(calls_per_s=FAST)))

    killed, whole = _tables(disturbed), _tables(undisturbed)
    differing = {
        name: (set(killed[name]) ^ set(rows), len(killed[name]), len(rows))
        for name, rows in whole.items()
        if killed[name] != rows
    }
    assert differing == {}
    assert len(whole["invocation_reports"]) == KILLS_COUNT * GROUPS_COUNT * INVOCATIONS_COUNT


def _grow(cloudwatch: Any, invocations: Any, kill: int) -> None:
    now_ms = time.time_ns() // 1_000_000
    for number in range(GROUPS_COUNT):
        name = f"f{number}"
        events = invocations(INVOCATIONS_COUNT, first_ms=now_ms - 60_000, name=f"{name}-{kill}")
        cloudwatch.groups.setdefault(f"/aws/lambda/{name}", []).extend(events)


@contextmanager
def _breeder(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", BREEDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def _kill_at_random(breeder: subprocess.Popen[str], cloudwatch: Any, chance: random.Random) -> None:
    """Let a collector make some requests, then a few ms more, and kill it wherever it is."""
    assert breeder.stdin is not None
    assert breeder.stdout is not None
    requests_count = len(cloudwatch.requests) + chance.randrange(1, 30)
    breeder.stdin.write("\n")
    breeder.stdin.flush()
    collector = int(breeder.stdout.readline())
    while len(cloudwatch.requests) < requests_count:
        os.kill(collector, 0)
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.3))
    os.kill(collector, signal.SIGKILL)


def _tables(path: Path) -> dict[str, list[str]]:
    """Return every row of every table, without clocks, in an order of its own."""
    with Store.open(path, read_only=True) as store:
        columns = store.query(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE schema_name = 'main' AND NOT internal AND table_name IN "
            "(SELECT table_name FROM duckdb_tables()) ORDER BY table_name, column_index"
        ).fetchall()
        names: dict[str, list[str]] = {}
        for table, column in columns:
            if table not in RUNNING_COUNTS and column not in CLOCKS:
                names.setdefault(table, []).append(f'"{column}"')
        return {
            table: sorted(map(repr, store.query(_select(table, chosen)).fetchall()))
            for table, chosen in names.items()
        }


def _select(table: str, columns: list[str]) -> str:
    return f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608  names from the catalogue
