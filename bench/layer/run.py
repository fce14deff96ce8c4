"""What tracers cost: our layer and its peers, the same toy handler, one machine, one run.

    make bench-layer            10 to 15 minutes; installs the peers the first time
    make bench-layer QUICK=1    under 3 minutes, fewer rounds

Every measurement is a fresh process; rows follow each other in random order, round by round, so
that a slow minute of the machine hits all of them. Machines are shared: minima and 10th percentiles
are shown, and ratios to them. Init is timed inside the process, around import and wrap alone.

Knobs: BENCH_PEERS (names, commas), BENCH_INITS, BENCH_ROUNDS, BENCH_INVOCATIONS, BENCH_SEED. The
figures stay in .build/bench-layer/results.json; `run.py --table` prints them again.
"""

from __future__ import annotations

import json
import os
import platform
import random
import sys
from collections import defaultdict
from typing import Any

import peers
import table
from peers import FOLDER, Peer
from surroundings import Surroundings, number, surroundings

RESULTS = FOLDER / "results.json"
QUICK = os.environ.get("QUICK", "") not in ("", "0")
INITS = number("INITS", 3 if QUICK else 10)
ROUNDS = number("ROUNDS", 2 if QUICK else 8)
INVOCATIONS = number("INVOCATIONS", 300 if QUICK else 600)
RARE = 1 if QUICK else 3

Results = dict[str, dict[str, list[dict[str, Any]]]]


def main(arguments: list[str]) -> int:
    """Measure, keep the figures, print the tables; 1 if a target is missed."""
    if arguments != ["--table"]:
        FOLDER.mkdir(parents=True, exist_ok=True)
        rows = peers.install(peers.chosen(os.environ.get("BENCH_PEERS", "")))
        RESULTS.write_text(json.dumps(_measured(rows)))
    return table.show(json.loads(RESULTS.read_text()))


def _measured(rows: list[Peer]) -> dict[str, Any]:
    results: Results = defaultdict(lambda: defaultdict(list))
    os.environ.setdefault("BENCH_SEED", str(random.randrange(10**6)))  # noqa: S311 - an order
    shuffle = random.Random(os.environ["BENCH_SEED"])  # noqa: S311
    with surroundings(FOLDER) as around:
        for row in rows:  # writes the .pyc files
            _keep(results, row, "first", lambda row: around.measure(row, "init_boto"))
        for name, count, measure in _plan(around):
            for turn in range(count):
                for row in shuffle.sample(rows, len(rows)):
                    _keep(results, row, name, measure)
                print(f"{name} {turn + 1} of {count}", file=sys.stderr, flush=True)
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, load {os.getloadavg()[0]:.1f}",
        "labels": {row.name: row.label for row in rows},
        "sizes": {row.name: peers.sizes(row) for row in rows},
        "rows": {row.name: results[row.name] for row in rows},
    }


def _plan(around: Surroundings) -> list[tuple[str, int, Any]]:
    """Return (name, number of rounds, measurement) in the order in which they run."""
    invocations = {"BENCH_INVOCATIONS": str(INVOCATIONS)}
    uncached = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(around.folder / "none")}
    timed = ("-X", "importtime")
    return [
        ("init", INITS, lambda row: around.measure(row, "init")),
        ("init_boto", INITS, lambda row: around.measure(row, "init_boto")),
        ("uncached", RARE, lambda row: around.measure(row, "init_boto", more=uncached)),
        ("importtime", RARE, lambda row: _imports(around.measure(row, "init", *timed))),
        ("watch", 1, lambda row: around.measure(row, "watch", more={"BENCH_INVOCATIONS": "20"})),
        *(
            (mode, ROUNDS, lambda row, mode=mode: around.measure(row, mode, more=invocations))
            for mode in ("noop", "hook", "http")
        ),
    ]


def _keep(results: Results, row: Peer, name: str, measure: Any) -> None:
    try:
        figures = measure(row)
    except RuntimeError as problem:
        print(f"NOT MEASURED: {problem}", file=sys.stderr)
        return
    figures.pop("stderr")
    results[row.name][name].append(figures)


def _imports(figures: dict[str, Any]) -> dict[str, Any]:
    """Add the modules that `-X importtime` names, each with its own time in microseconds."""
    lines = [line for line in figures["stderr"].splitlines() if line.startswith("import time:")]
    rows = [line.removeprefix("import time:").split("|") for line in lines]
    own_us = {row[2].strip(): int(row[0]) for row in rows if row[0].strip().isdecimal()}
    return {**figures, "import_us": own_us}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
