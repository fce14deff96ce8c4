"""How fast log events become rows, as a ratio to DuckDB reading the same bytes.

`python bench/ingest/run.py [--events N …] [--rounds N]`: makes NDJSON files of so many events, then
runs the phases in turn, each in a process of its own, and prints the best of the rounds: events a
second, wall and CPU time against `read_json` of the same gzip file, and peak memory.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import events

PHASES = ("read_json", "facts", "facts + derived")
HEAD = "   events  phase             wall s   CPU s  events/s  x wall  x CPU  RSS MB"
Figures = dict[str, float]


def main() -> int:
    """Print one table for all sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    print(f"{HEAD}   load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chainlight-bench-") as folder:
        for count in options.events:
            file = Path(folder, f"{count}.ndjson.gz")
            lines_count = events.write(file, count)
            _print(lines_count, _best(file, options.rounds))
            file.unlink()
    return 0


def _best(file: Path, rounds: int) -> dict[str, Figures]:
    best: dict[str, Figures] = {}
    for _ in range(rounds):
        for phase in PHASES:
            figures = _run(phase, file)
            known = best.setdefault(phase, figures)
            best[phase] = {name: min(known[name], figures[name]) for name in figures}
    return best


def _run(phase: str, file: Path) -> Figures:
    command = [sys.executable, str(Path(__file__).with_name("phase.py")), phase, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def _print(lines_count: int, best: dict[str, Figures]) -> None:
    base = best["read_json"]
    for phase, figures in best.items():
        print(
            f"{lines_count:>9}  {phase:<16}{figures['wall_s']:8.2f}{figures['cpu_s']:8.2f}"
            f"{lines_count / figures['wall_s']:10.0f}{figures['wall_s'] / base['wall_s']:8.1f}"
            f"{figures['cpu_s'] / base['cpu_s']:7.1f}{figures['rss_mb']:8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
