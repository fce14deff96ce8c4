"""How soon is a long chain painted, and how smoothly does it move? Beside plotly and altair.

    make bench-waterfall              chains of 10,000 and 100,000 rows, beside the peers' charts
    make bench-waterfall PEERS=0      without them
    make bench-waterfall SIZES=10000

Ready is the time from navigation to the frame in which the first bars stand, with all that the
server does for it: every chain is opened for the first time, in a browser context of its own, by a
server that has shown another page before. Then the wheel turns over the rows, Ctrl + wheel (for
the peers: the wheel) zooms, and a drag pans, four seconds each; frames are counted in the page.
p50 is the median, p5 is what 95 of 100 frames reach. The peers get the same rows as bars on a page
that holds nothing else, and the same Streamlit; a drag down their rows stands for the scroll that
they do not have.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import chains
import moves
import servers
import table
from browser import Seen, watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

SIZES = tuple(int(size) for size in (os.environ.get("SIZES") or "10000,100000").split(","))
HAS_PEERS = (os.environ.get("PEERS") or "1") != "0"
WITHIN_S = 180.0


def main() -> int:
    """Print a table and the targets; return 1 where one was missed."""
    from playwright.sync_api import sync_playwright

    servers.FOLDER.mkdir(parents=True, exist_ok=True)
    database = _database()
    ids = chains.ids(database, SIZES)
    print(
        f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, no GPU\n{table.HEAD}", flush=True
    )
    seen: table.Results = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=servers.CHROMIUM, args=servers.FLAGS)
        with servers.dashboard(database) as url:
            servers.warm(chromium, url)
            for size in SIZES:
                _note(seen, "chainlight", size, list(_ours(chromium, url, ids[size])))
        if HAS_PEERS:
            _measure_peers(chromium, seen, ids)
    return table.conclude(seen)


def _database() -> Path:
    """Return where the chains of these sizes are kept."""
    return servers.FOLDER / f"chains-{'-'.join(map(str, SIZES))}.duckdb"


def _ours(chromium: Browser, url: str, chain_ids: list[str]) -> Iterator[Seen]:
    for chain_id in chain_ids:
        address = f"{url}/chain?id={chain_id}"
        yield watch(chromium, address, "chainlight", moves.OF["chainlight"], WITHIN_S)


def _measure_peers(chromium: Browser, seen: table.Results, ids: dict[int, list[str]]) -> None:
    with servers.peers(_database()) as url:
        for name in ["altair", *(["plotly"] if servers.install_plotly() else [])]:
            for size in SIZES:
                address = f"{url}/?by={name}&id={ids[size][0]}"
                _note(seen, name, size, [watch(chromium, address, name, moves.OF[name], WITHIN_S)])


def _note(seen: table.Results, name: str, size: int, rounds: list[Seen]) -> None:
    seen[name, size] = rounds
    print(table.line(name, size, rounds, seen), flush=True)


if __name__ == "__main__":
    sys.exit(main())
