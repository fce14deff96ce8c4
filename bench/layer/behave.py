"""What tracers do when something goes wrong: ours and the peers', beside the bare handler.

    make bench-behave      about 5 minutes; peers are installed the first time

Each cell is a fresh process. "=" means: handler run as often, same result or exception, event
untouched, same exit. "+n" are the lines printed beyond those of the bare handler, "sent" says that
something reached the sink. Only where a destination fails is time shown: ms for each of three
invocations. Exit status 1 if our own row differs anywhere from the bare handler.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import peers
from peers import BARE, FOLDER, OURS, Peer
from scenario import KILLED, SCENARIOS
from surroundings import HERE, Surroundings, surroundings

FACTS = ("calls", "returned", "raised", "event_is_unchanged", "own_alarm_rang", "interrupted_by")
PATIENCE_S = 120

Facts = dict[str, Any]


def main() -> int:
    """Play every scenario on every row and print the table."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = peers.install(peers.chosen(os.environ.get("BENCH_PEERS", "")))
    print("\n| scenario | " + " | ".join(row.label for row in rows) + " |")
    print("|---" * (len(rows) + 1) + "|")
    differing = []
    with surroundings(FOLDER) as around:
        for name in SCENARIOS:
            played = {row.name: _play(around, row, name) for row in rows}
            bare = played[BARE.name]
            cells = [_told(name, facts, bare) for facts in played.values()]
            print(f"| {name} | " + " | ".join([_said(name, bare), *cells[1:]]) + " |", flush=True)
            if _differences(played[OURS.name], bare):
                differing.append(name)
    print(f"\n{len(SCENARIOS)} scenarios; chainlight differs from the bare handler in ", end="")
    print(", ".join(differing) or "none of them")
    return int(bool(differing))


def _play(around: Surroundings, row: Peer, name: str) -> Facts:
    result = around.folder / "result.json"
    result.unlink(missing_ok=True)
    sent_bytes = around.sink_bytes()
    command = [str(row.python), str(HERE / "scenario.py"), row.name, name, str(result)]
    process = subprocess.Popen(
        command,
        env=_placed(around, name).environment(row),
        cwd=around.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
    facts: Facts = json.loads(result.read_text()) if _is_written(result) else {}
    return {
        **facts,
        "exit": process.returncode,
        "lines": stdout.count("\n") + stderr.count("\n"),
        "is_sent": around.sink_bytes() > sent_bytes,
    }


def _placed(around: Surroundings, name: str) -> Surroundings:
    """Return surroundings whose destination hangs or refuses, if the scenario says so."""
    if name == "destination hangs":
        return replace(around, ports={**around.ports, "http": around.ports["hang"]})
    if name == "destination refuses":
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        return replace(around, ports={**around.ports, "http": port, "udp": port})
    return around


def _is_written(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _said(name: str, bare: Facts) -> str:
    """Say what the bare handler did."""
    if name in ("crashes", *KILLED):
        return "killed"
    return str(bare.get("raised") or f"returns {bare.get('returned')}")


def _told(name: str, own: Facts, bare: Facts) -> str:
    """Say how a row differs, what it printed, and how long it took if that is the point."""
    pieces = _differences(own, bare) or ["="]
    if more := own["lines"] - bare["lines"]:
        pieces.append(f"{more:+d}")
    if own["is_sent"]:
        pieces.append("sent")
    if name.startswith("destination"):
        pieces.append(" ".join(map(str, own.get("took_ms", []))) + " ms")
    return " ".join(pieces).replace("|", "/")


def _differences(own: Facts, bare: Facts) -> list[str]:
    """Say in bold what a caller or the handler would notice."""
    if own["exit"] != bare["exit"]:
        return [f"**process ended with {own['exit']}**"]
    if bare["calls"] and not own["calls"]:
        return [f"**handler not run; {own.get('raised')}**"]
    return [f"**{fact}: {own.get(fact)}**" for fact in FACTS if own.get(fact) != bare.get(fact)]


if __name__ == "__main__":
    sys.exit(main())
