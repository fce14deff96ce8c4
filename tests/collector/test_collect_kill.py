"""Killed at 20 random moments, the collector ends with the tables of an undisturbed run."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from chainlight_collector.aws import Aws
from chainlight_collector.collect import Surroundings, collect
from chainlight_collector.sources.run import Options
from chainlight_collector.store import Store

KILLS_COUNT = 20
GROUPS_COUNT = 4
FAST = {"logs:FilterLogEvents": 1000.0}
RUNNING_COUNTS = {"checkpoints", "collector_runs"}  # how often it ran, not what it found
CLOCKS = {"seen_us", "observed_us", "scanned_us"}  # when it looked, not what it saw
COLLECTOR = """
import sys
from pathlib import Path
from chainlight_collector.aws import Aws
from chainlight_collector.collect import Surroundings, collect
from chainlight_collector.sources import batch, logs
from chainlight_collector.sources.run import Options

batch.BATCH_BYTES, logs.TURN_PAGES = 20_000, 2
around = Surroundings(aws=Aws(calls_per_s={"logs:FilterLogEvents": 1000.0}))
while True:
    collect(Path(sys.argv[1]), Options(settle_us=0), around)
"""


def test_killed_collector_loses_and_doubles_nothing(cloudwatch, invocations, tmp_path) -> None:
    chance = random.Random(20261121)  # noqa: S311  moments, no secrets
    cloudwatch.page_events_count = 40
    cloudwatch.has_empty_pages = True
    disturbed, undisturbed = tmp_path / "killed.duckdb", tmp_path / "whole.duckdb"

    for kill in range(KILLS_COUNT):
        _grow(cloudwatch, invocations, kill)
        _kill_at_random(disturbed, cloudwatch, chance)
    for path in (disturbed, undisturbed):
        collect(path, Options(settle_us=0), Surroundings(aws=Aws(calls_per_s=FAST)))

    killed, whole = _tables(disturbed), _tables(undisturbed)
    assert killed == whole
    assert len(whole["invocation_reports"]) == KILLS_COUNT * GROUPS_COUNT * 30


def _grow(cloudwatch: Any, invocations: Any, kill: int) -> None:
    now_ms = time.time_ns() // 1_000_000
    for number in range(GROUPS_COUNT):
        name = f"f{number}"
        events = invocations(30, first_ms=now_ms - 60_000, name=f"{name}-{kill}")
        cloudwatch.groups.setdefault(f"/aws/lambda/{name}", []).extend(events)


def _kill_at_random(path: Path, cloudwatch: Any, chance: random.Random) -> None:
    """Let a collector make some requests, then a few ms more, and kill it wherever it is."""
    requests_count = len(cloudwatch.requests) + chance.randrange(1, 60)
    with subprocess.Popen([sys.executable, "-c", COLLECTOR, str(path)]) as collector:
        while len(cloudwatch.requests) < requests_count and collector.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.25))
        assert collector.poll() is None, "the collector ended by itself"
        collector.kill()


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
