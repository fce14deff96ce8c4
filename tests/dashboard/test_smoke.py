"""The real server and a real browser: no console error, nothing asked of other machines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import duckdb
import pytest
from browsing import MARKS, SETTLED, served, started_browser

from chainlight_dashboard import data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

AXE = Path(__file__).parents[2] / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
TABLE = ", ".join(f"{mark}:visible" for mark in (
    "[data-ready]", "[data-testid=stDataFrame]", "[data-testid=stGraphVizChart]"))  # fmt: skip
WCAG = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
VIOLATIONS = f"""async () => {{
  const found = await axe.run(document, {{runOnly: {WCAG}}})
  return found.violations.map(({{id, nodes}}) => [id, nodes.map((node) => node.html)])
}}"""
PAGES = (
    "", "chains", "chain", "chain?view=Logs", "chain?view=Graph", "shape", "compare", "functions",
    "waiting", "dlq", "sql?q=FROM+chains",
)  # fmt: skip
# Streamlit looks for its server below the path of a deep link first; its own 404s are expected.
IS_DARK = """() => getComputedStyle(document.querySelector('[data-testid="stApp"]'))
  .backgroundColor.match(/\\d+/g).slice(0, 3).every((part) => part < 80)"""
PROBE = re.compile(r"/\w+/_stcore/(health|host-config)$")

pytestmark = MARKS


@pytest.fixture(scope="module")
def url(filled: Path) -> Iterator[str]:
    with served(filled) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as started:
        yield started


def _address(url: str, database: Path, page: str) -> str:
    """Return the page's deep link: a page about one thing names a dead-lettered chain's."""
    with duckdb.connect(str(database), read_only=True, config=dict(data.SETTINGS)) as connection:
        found = connection.execute(
            "SELECT chain_id, shape_id FROM chains WHERE status = 'dead_lettered' LIMIT 1"
        ).fetchone()
    chain_id, shape_id = found or ("", "")
    name, _, query = page.partition("?")
    things = {"chain": f"id={chain_id}", "shape": f"id={shape_id}", "compare": f"a={chain_id}"}
    return f"{url}/{name}?{'&'.join(part for part in (things.get(name, ''), query) if part)}"


def _violations(tab: Any) -> list[Any]:
    """Return what axe finds wrong with a page; nothing where npm has not brought axe."""
    if not AXE.exists():
        return []
    tab.add_script_tag(path=str(AXE))
    found: list[Any] = tab.evaluate(VIOLATIONS)
    return found


def test_axe_is_there_to_judge_the_pages() -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `npm ci` in dashboard/, which make setup does")


@pytest.mark.parametrize("page", PAGES)
def test_page_shows_itself_to_everybody_and_asks_no_other_machine(
    url: str, browser: Browser, filled: Path, page: str
) -> None:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    tab = context.new_page()
    errors: list[str] = []
    hosts: set[str | None] = set()
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda m: errors.append(m.location["url"]) if m.type == "error" else None)
    tab.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    tab.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).hostname))
    tab.goto(_address(url, filled, page))
    tab.get_by_test_id("stBadge").or_(tab.get_by_text("list prices")).first.wait_for()
    tab.locator(TABLE).first.wait_for()
    tab.wait_for_function(SETTLED)
    assert tab.get_by_test_id("stException").count() == 0
    assert _violations(tab) == []
    _darken(tab)
    assert _violations(tab) == []
    assert [error for error in errors if not PROBE.search(error)] == []
    assert hosts <= {"127.0.0.1", None}
    context.close()


def _darken(tab: Page) -> None:
    """Let the system ask for dark, and wait until the page has followed."""
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function(IS_DARK)
    tab.wait_for_function(SETTLED)


def test_a_deep_link_may_be_the_first_thing_a_server_is_asked_for(
    browser: Browser, filled: Path
) -> None:
    with served(filled) as address:
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        tab.goto(f"{address}/chains")
        tab.locator(TABLE).first.wait_for()
        assert tab.get_by_test_id("stSidebarNav").count() == 0
        assert tab.get_by_role("link", name="Overview").count() == 1
        tab.close()


def test_overview_fits_a_laptop_without_scrolling(url: str, browser: Browser) -> None:
    tab = browser.new_page(viewport={"width": 1440, "height": 900})
    tab.goto(url)
    tab.get_by_text("a click opens the waterfall").wait_for()
    tab.get_by_test_id("stVegaLiteChart").wait_for()
    tab.get_by_test_id("stMetric").nth(4).wait_for()
    tab.wait_for_function(SETTLED)
    bottoms = [
        box["y"] + box["height"]
        for locator in (
            *tab.get_by_test_id("stMetric").all(),
            tab.get_by_test_id("stVegaLiteChart"),
        )
        if (box := locator.bounding_box())
    ]
    assert len(bottoms) == 6
    assert max(bottoms) <= 900
    tab.close()
