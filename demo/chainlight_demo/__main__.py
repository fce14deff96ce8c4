"""`python -m chainlight_demo`: the sample shop on a local AWS, its collector, its dashboard."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chainlight_demo import screenshots
from chainlight_demo.orders import entries
from chainlight_demo.run import PROJECT, Demo, ask, deployed

RESULTS = PROJECT / "dist" / "demo"
DATABASE = RESULTS / "chainlight.duckdb"
TRICKLE_S = 30
URL_PREFIX = "http://"
SHORTENED = (
    "Retry waits are shortened fifty times here (60 s become 1.2 s); handlers run under AWS's own "
    "runtime client, the services around them are local stand-ins."
)


@click.command()
@click.option("--headless", is_flag=True, help="End by itself: print a summary, save screenshots.")
def main(*, headless: bool) -> None:
    """Run the sample shop on a local AWS and open the dashboard on what the collector saw."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is cleaned up
    console = Console(stderr=True, highlight=False)
    console.print(SHORTENED)
    with (
        tempfile.TemporaryDirectory(prefix="chainlight-demo-") as directory,
        deployed(Path(directory), console.print) as demo,
    ):
        _one_round(demo, console)
        _keep(demo)
        with _dashboard(demo) as url:
            _finish(url) if headless else _stay(demo, url, console)


def _one_round(demo: Demo, console: Console) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        orders = progress.add_task("placing orders", total=len(entries()))
        demo.place_orders(lambda: progress.advance(orders))
    console.print("every retry and redelivery is over; invoking the collector Lambda")
    console.print_json(data=demo.collect())


def _keep(demo: Demo) -> None:
    """Leave a copy of the database behind, for `chainlight sql` after the demo has ended."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(demo.fetch_database(), DATABASE)


@contextmanager
def _dashboard(demo: Demo) -> Iterator[str]:
    command = [sys.executable, "-m", "chainlight_dashboard", "--db", demo.database_uri]
    process = subprocess.Popen(
        [*command, "--port", "0", "--headless"],
        env=demo.aws.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _announced_url(process)
    finally:
        process.terminate()
        process.wait()


def _announced_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    for line in process.stdout:
        if URL_PREFIX in line:
            return URL_PREFIX + line.split(URL_PREFIX, 1)[1].split()[0].rstrip("/")
    raise RuntimeError("the dashboard ended before it printed its URL; its messages are above")


def _finish(url: str) -> None:
    chain_id = ask(DATABASE, "showcase")["chain_id"]
    pages = {"overview": f"{url}/", "chain": f"{url}/chain?id={chain_id}"}
    pictures = screenshots.take(pages, RESULTS)
    summary: dict[str, Any] = {**ask(DATABASE, "summary"), "screenshots": _relative(pictures)}
    click.echo(json.dumps(summary, indent=2))


def _relative(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(PROJECT)) for path in paths]


def _stay(demo: Demo, url: str, console: Console) -> None:
    console.print(f"dashboard: [bold]{url}[/bold]   (Ctrl-C ends everything)")
    console.print(f"a new round of orders comes every {TRICKLE_S} s")
    try:
        while True:
            time.sleep(TRICKLE_S)
            demo.place_orders(lambda: None)
            demo.collect()
    except KeyboardInterrupt:
        console.print("\nending")


if __name__ == "__main__":
    main()
