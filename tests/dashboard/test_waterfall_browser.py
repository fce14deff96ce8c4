"""The waterfall in a real browser: painted without a complaint, and a click comes back."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSER = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHEET_DELAY_S = 0.3
PAGE = """
import streamlit as st, waterfall_chains
from chainlight_dashboard.waterfall import chain_view, waterfall
rows, segments = waterfall_chains.order()
rows.loc[1, "function_name"] = "<img src=x onerror=alert(1)>"
shown = waterfall(chain_view(rows, segments, chain_id="c1"), height="auto", key="wf")
st.text(f"shown: {shown}")
st.session_state.runs = st.session_state.get("runs", 0) + 1
st.button("again")
st.text(f"runs: {st.session_state.runs}")
"""

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.apart,
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine"),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve one page with one chain on a free port of this machine."""
    script = tmp_path_factory.mktemp("page") / "page.py"
    script.write_text(PAGE, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = [
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        "--server.address=127.0.0.1",
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", *options],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        said = iter(server.stdout or [])
        assert any(f":{port}" in line for line in said), "the page did not start"
        yield f"http://127.0.0.1:{port}/"
        server.kill()


@pytest.fixture
def page(url: str) -> Iterator[Any]:
    """Open the page; everything the browser complains about fails the test."""
    sync_api = pytest.importorskip("playwright.sync_api")
    complaints: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on(
            "console", lambda said: complaints.append(said.text) if said.type == "error" else None
        )
        opened.route("**/marks.css", _late)
        opened.goto(url)
        opened.wait_for_selector(".wf[data-ready]")
        yield opened
        browser.close()
    assert complaints == []


def _late(route: Any) -> None:
    """Let the sheet that another imports come late, as over a slow line."""
    time.sleep(SHEET_DELAY_S)
    route.continue_()


def test_a_light_page_has_light_colours_though_a_stylesheet_is_late(page: Any) -> None:
    """The theme is read off the page, which has no background until its sheets have come."""
    assert page.locator(".wf").get_attribute("data-theme") == "light"


def test_a_click_selects_the_row_and_survives_a_rerun(page: Any) -> None:
    """Python answers with the row's number, and once more after a rerun."""
    page.locator(".row", has_text="emit-receipt").click()
    page.get_by_text("shown: 2").wait_for()
    page.get_by_role("button", name="again").click()
    page.get_by_text("runs: 3").wait_for()
    assert page.get_by_text("shown: 2").count() == 1
    assert page.locator(".row.selected").inner_text().startswith("emit-receipt")


def test_the_keyboard_walks_folds_and_selects(page: Any) -> None:
    """Down, close the root, open it, find by name, select with Enter."""
    page.locator(".scroller").focus()
    page.keyboard.press("ArrowLeft")
    page.locator(".row", has_text="emit-receipt").wait_for(state="hidden")
    assert page.locator(".row:visible").count() == 1
    page.keyboard.press("ArrowRight")
    page.locator(".row", has_text="emit-receipt").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("RECEIPT")
    page.keyboard.press("Enter")
    assert page.locator(".find .count").inner_text() == "1 of 1"
    page.locator(".scroller").focus()
    page.keyboard.press("Enter")
    page.get_by_text("shown: 2").wait_for()


def test_a_band_unfolds_on_click_and_names_are_text(page: Any) -> None:
    """The quiet minute opens; a name that looks like markup is shown as it is."""
    assert page.locator(".band:visible").count() == 1
    page.locator(".band").click()
    page.locator(".band.open").wait_for()
    assert page.locator(".row img").count() == 0
    assert "<img src=x onerror=alert(1)>" in page.locator(".scroller").inner_text()


def test_the_tree_is_announced(page: Any) -> None:
    """Roles, levels, what is open, and the picture in words."""
    tree = page.get_by_role("treegrid")
    assert tree.get_attribute("aria-rowcount") == "3"
    row = page.locator(".row", has_text="emit-receipt")
    assert row.get_attribute("aria-level") == "2"
    assert page.locator(".row").first.get_attribute("aria-expanded") == "true"
    words = row.locator(".plot").get_attribute("aria-label")
    assert "2 attempts" in words
    assert "dead-letter queue" in words
