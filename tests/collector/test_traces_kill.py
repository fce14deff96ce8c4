"""Killed at random moments, the trace and execution sources end as an undisturbed run does."""

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

from .test_collect_kill import _tables
from .test_sources_executions import FUNCTION, MACHINE, durable_history, execution_arn, history
from .test_sources_xray import trace

KILLS_COUNT = int(os.environ.get("CHAINLIGHT_TRACE_KILLS", "1"))
WORKER = """
import sys
from pathlib import Path
from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.sources import durable, executions, histories, xray
from chainlight_collector.sources.operations_traces import ALL
from chainlight_collector.sources.run import Options, Run
from chainlight_collector.store import Store

histories.EVENTS_A_COMMIT, xray.TRACES_A_COMMIT = 8, 2
aws = Aws(calls_per_s={operation.action: 1000.0 for operation in ALL})
def once():
    with Store.open(Path(sys.argv[1])) as store:
        for source in (executions, durable, xray):
            source.pull(Run(aws, store, Options(settle_us=0), Deadline.never()))
        store.catch_up()
if sys.argv[2] == "once":
    once()
else:
    print("ready", flush=True)
    while True:
        once()
"""


def test_killed_sources_lose_and_double_nothing(cloudwatch: Any, tmp_path: Path) -> None:
    chance = random.Random(20261125)  # noqa: S311  moments, no secrets
    foreign = cloudwatch.foreign
    foreign.page_count = 3
    killed, whole = tmp_path / "killed.duckdb", tmp_path / "whole.duckdb"

    for kill in range(KILLS_COUNT):
        _grow(foreign, kill)
        with _worker(killed, "for ever") as worker:
            assert worker.stdout is not None
            worker.stdout.readline()
            _wait_for(foreign, chance.randrange(1, 25))
            time.sleep(chance.uniform(0, 0.2))
            worker.send_signal(signal.SIGKILL)
    for path in (killed, whole):
        with _worker(path, "once") as worker:
            assert worker.wait() == 0

    found, wanted = _tables(killed), _tables(whole)
    assert found == wanted
    assert len(wanted["execution_rows"]) == 2 * KILLS_COUNT
    assert len(wanted["attempt_rows"]) == 4 * KILLS_COUNT


def _grow(foreign: Any, kill: int) -> None:
    foreign.traces.update(trace(kill * 10 + number) for number in range(4))
    foreign.machines.setdefault(MACHINE, {})[execution_arn(kill)] = history(kill, tries=2)
    arn = f"{FUNCTION}:1/durable-execution/order/{kill}"
    foreign.durable.setdefault(FUNCTION, {})[arn] = durable_history()


def _wait_for(foreign: Any, requests_count: int) -> None:
    """Wait until so many more requests have come."""
    wanted = len(foreign.requests) + requests_count
    while len(foreign.requests) < wanted:
        time.sleep(0.002)


@contextmanager
def _worker(path: Path, mode: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WORKER, str(path), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
