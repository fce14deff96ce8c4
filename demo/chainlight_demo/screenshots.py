"""Pictures of dashboard pages, taken by a headless Chromium where there is one."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

VIEWPORT = {"width": 1440, "height": 900}
SETTLED_MS = 1_500
READY_MS = 60_000
READY = """() => {
  const app = document.querySelector('[data-testid="stApp"]')
  return app?.dataset.testScriptState === 'notRunning'
    && document.querySelector('[data-testid="stMain"] [data-testid="stElementContainer"]')
    && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stSpinner"]')
}"""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path() -> str | None:
    """Return the path of an installed Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def take(pages: dict[str, str], directory: Path) -> list[Path]:
    """Save `<name>-light.png` and `<name>-dark.png` for every page, a name to URL; return paths.

    Without a Chromium on this machine the list is empty.
    """
    executable = browser_path()
    if executable is None:
        return []
    directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        taken = [
            _take(browser, url, scheme, directory / f"{name}-{scheme}.png")
            for name, url in pages.items()
            for scheme in ("light", "dark")
        ]
        browser.close()
    return taken


def _take(browser: Browser, url: str, scheme: str, path: Path) -> Path:
    context = browser.new_context(viewport=VIEWPORT, color_scheme=scheme)
    page = context.new_page()
    page.goto(url)
    page.wait_for_function(READY, timeout=READY_MS)
    page.wait_for_timeout(SETTLED_MS)
    page.wait_for_function(READY, timeout=READY_MS)
    page.screenshot(path=path)
    context.close()
    return path
