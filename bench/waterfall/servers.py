"""What is measured: the real dashboard, and a page with the peers' charts; and the browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / ".build" / "bench-waterfall"
PLOTLY = FOLDER / "plotly"
CHROMIUM = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def dashboard(database: Path) -> Iterator[str]:
    """Serve the dashboard over a database; yield its address."""
    command = [sys.executable, "-m", "chainlight_dashboard", "--db", str(database)]
    with subprocess.Popen(
        [*command, "--port", "0", "--headless"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            said = iter(server.stdout or [])
            line = next(line for line in said if line.startswith("chainlight dashboard: "))
            yield line.partition(": ")[2].strip()
        finally:
            server.terminate()


@contextmanager
def peers(database: Path) -> Iterator[str]:
    """Serve the page with the peers' charts over the same database; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = Path(__file__).with_name("peers_page.py")
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    settings = [
        "--server.headless=true",
        "--server.address=127.0.0.1",
        "--browser.gatherUsageStats=false",
    ]
    environment = {**os.environ, "CHAINLIGHT_DB": str(database), "PYTHONPATH": str(PLOTLY)}
    with subprocess.Popen(
        [*command, *settings], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            while not _answers(url):
                time.sleep(0.1)
            yield url
        finally:
            server.terminate()


def warm(chromium: Browser, url: str) -> None:
    """Let the server show its list of chains once: nobody's first page is a chain."""
    page = chromium.new_page()
    page.goto(f"{url}/chains?range=all")
    page.locator(".scroller[data-ready]").first.wait_for()
    page.close()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError):
        return False


def install_plotly() -> bool:
    """Bring plotly into a folder of its own, where it is not; return whether it is there."""
    uv = shutil.which("uv") or str(PROJECT / ".tools" / "bin" / "uv")
    if PLOTLY.exists():
        return True
    unfinished = PLOTLY.with_suffix(".unfinished")
    fill = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--no-deps"]
    fill += ["--target", str(unfinished), "plotly"]
    done = subprocess.run(fill, check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"plotly: NOT MEASURED, {done.stderr.strip()[-300:]}")
        return False
    unfinished.rename(PLOTLY)
    return True
