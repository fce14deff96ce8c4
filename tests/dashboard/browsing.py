"""A dashboard on a free port and a browser, for tests that look at pages as a reader does."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SETTLED = """() => document.querySelector('[data-testid="stApp"]')
  ?.dataset.testScriptState === 'notRunning'"""
MARKS = [
    pytest.mark.acceptance,
    pytest.mark.apart,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]


@contextmanager
def served(database: Path | str, **variables: str) -> Iterator[str]:
    """Serve a database, a file or an address, on a free port; yield the page's address."""
    command = [sys.executable, "-m", "chainlight_dashboard", "--db", str(database)]
    with subprocess.Popen(
        [*command, "--port", "0", "--headless"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    ) as server:
        try:
            assert server.stdout is not None
            lines = iter(server.stdout.readline, "")
            found = next(line for line in lines if line.startswith("chainlight dashboard: "))
            yield found.partition(": ")[2].strip()
        finally:
            server.terminate()


@contextmanager
def started_browser() -> Iterator[Any]:
    """Start a browser; skip, with the reason, where there is no driver for it."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()
