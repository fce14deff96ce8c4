"""The dashboard as readers use it: by keyboard, by Back, live, with names from strangers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from browsing import MARKS, SETTLED, served, started_browser
from contract_shop import UNTRUSTED, ChainWriter, Node, Shop, fill

from chainlight_collector import snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
ANSI = "\x1b[31mred\x1b[0m\u202egnp"
LONG = "n" * 10_000
BOMB = "SELECT sum(a.range * b.range) FROM range(3_000_000) a, range(3_000_000) b"
ROW = "tbody tr"
TICK = "td.tick input"  # the list of chains has them, and nothing else
# The element with the focus, through shadow roots, and the outline that it is drawn with.
FOCUSED = """() => {
  let at = document.activeElement
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  const { outlineStyle, outlineWidth } = getComputedStyle(at)
  return {
    words: at.innerText || at.ariaLabel || '', y: Math.round(at.getBoundingClientRect().y),
    isInTable: Boolean(at.closest('.scroller')), isInTools: Boolean(at.closest(
      '[data-testid="stElementToolbar"]')), isCanvas: at.tagName === 'CANVAS',
    isOutlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
  }
}"""
TABS_MAX = 40

pytestmark = MARKS


class Publisher:
    """Publishes a shop as a collector does: each version a file of its own, then the pointer."""

    def __init__(self, folder: Path, now_us: int) -> None:
        self.path = folder / "shop.duckdb"
        self.shop = fill(Shop(now_us))
        self.count = 60
        self._rename("refund", SCRIPT)
        self._rename("ledger-write", ANSI)
        self._rename("signup", LONG)
        self.publish()

    def _rename(self, name: str, hostile: str) -> None:
        for row in (row for table in self.shop.rows.values() for row in table):
            for key in UNTRUSTED & row.keys():
                if isinstance(row[key], str):
                    row[key] = row[key].replace(name, hostile)

    def let_a_chain_arrive(self) -> None:
        """Publish a chain that is newer than all, and a dead-lettered one under another name."""
        self.count += 1
        _dead_letter(self)["entry_function"] = "renamed-order"
        started_us = self.shop.now_us - 60_000_000
        writer = ChainWriter(self.shop, f"1-{started_us // 1_000_000:08x}-{0:024x}", started_us)
        entry = Node("late-comer", "http", 0, 100)
        writer.finish(entry, writer.add(entry, None, 0, started_us))
        self.publish()

    def publish(self) -> None:
        """Write the shop as it is under a new name and point readers to it."""
        folder = snapshots.folder_of(self.path)
        folder.mkdir(exist_ok=True)
        name = self.shop.write(folder / f"shop-{self.count}.duckdb").name
        unfinished = folder / "pointer.unfinished"
        unfinished.write_text(name, "utf-8")
        unfinished.replace(folder / snapshots.POINTER)


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory, now_us: int) -> Publisher:
    return Publisher(tmp_path_factory.mktemp("live"), now_us)


@pytest.fixture(scope="module")
def context(publisher: Publisher) -> Iterator[Any]:
    """Return a browser's context whose addresses begin at the dashboard."""
    with served(publisher.path, CHAINLIGHT_REFRESH_S="1") as url, started_browser() as browser:
        yield browser.new_context(viewport={"width": 1440, "height": 900}, base_url=url)


@pytest.fixture(scope="module")
def tab(context: Any) -> Any:
    """Return the one tab in which all tests read."""
    return context.new_page()


def _settle(tab: Any, mark: str) -> None:
    tab.locator(mark).first.wait_for()
    tab.wait_for_function(SETTLED)


def _query(tab: Any) -> dict[str, list[str]]:
    """Return the path and the parameters of the address, the path as one of them."""
    address = urlsplit(tab.url)
    return {"": [address.path], **parse_qs(address.query)}


def _tab_to(tab: Any, wanted: str) -> dict[str, Any]:
    """Press Tab until the focus is where `wanted` is true; return what has it."""
    for _ in range(TABS_MAX):
        tab.keyboard.press("Tab")
        found: dict[str, Any] = tab.evaluate(FOCUSED)
        assert found["isOutlined"] or not found["isInTools"], found
        if found[wanted]:
            return found
    pytest.fail(f"{TABS_MAX} times Tab, and {wanted} is nowhere")


def _dead_letter(publisher: Publisher) -> dict[str, Any]:
    chains = publisher.shop.rows["chains"]
    return next(chain for chain in chains if chain["status"] == "dead_lettered")


def test_a_row_is_one_entry_of_the_history_by_mouse_and_by_key(tab: Any) -> None:
    """Back returns to the list with its filters and to the row, Forward opens the chain again."""
    tab.goto("/chains?mark=dlq&range=7+d&tz=local")
    _settle(tab, TICK)
    listed, entries_count = _query(tab), tab.evaluate("history.length")
    tab.locator(ROW).last.locator("td").last.click()
    _settle(tab, ".wf[data-ready]")
    opened = _query(tab)
    assert opened[""] == ["/chain"]
    assert opened["tz"] == ["local"]
    tab.go_back()
    _settle(tab, TICK)
    assert _query(tab) == listed
    tab.go_forward()
    _settle(tab, ".wf[data-ready]")
    assert _query(tab) == opened
    tab.go_back()
    _settle(tab, TICK)
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Enter")
    _settle(tab, ".wf[data-ready]")
    assert _query(tab)["id"] != opened["id"]
    assert tab.evaluate("history.length") == entries_count + 1


def test_the_time_range_goes_along_over_pages_that_show_none(tab: Any) -> None:
    """By links of tables and of the top bar, each with one entry in the history."""
    tab.goto("/chains?range=7+d")
    _settle(tab, TICK)
    entries_count = tab.evaluate("history.length")
    tab.locator(ROW).last.locator("td").last.click()
    _settle(tab, ".wf[data-ready]")
    assert not tab.get_by_role("radiogroup", name="Time range").is_visible()
    for name in ("Chains", "DLQ", "Functions"):
        tab.get_by_role("link", name=name, exact=True).first.click()
        tab.wait_for_url(f"**/{name.lower()}?*")
        tab.wait_for_function(SETTLED)
        assert _query(tab)["range"] == ["7 d"]
    assert tab.evaluate("history.length") == entries_count + 4


def test_a_dot_of_the_overview_is_one_entry_of_the_history_too(tab: Any) -> None:
    tab.goto("/?range=7+d")
    _settle(tab, ".mark-symbol path")
    entries_count = tab.evaluate("history.length")
    tab.locator(".mark-symbol path").first.click(force=True)
    _settle(tab, ".wf[data-ready]")
    assert _query(tab)[""] == ["/chain"]
    assert tab.evaluate("history.length") == entries_count + 1
    tab.go_back()
    _settle(tab, ".mark-symbol path")
    assert _query(tab) == {"": ["/"], "range": ["7 d"]}


def test_back_undoes_a_mark_and_the_list_follows(tab: Any) -> None:
    tab.goto("/chains?range=7+d")
    _settle(tab, TICK)
    tab.get_by_role("button", name="failed").click()
    tab.get_by_text("of 60 chains").wait_for()
    assert _query(tab)["mark"] == ["failed"]
    tab.go_back()
    tab.get_by_text("60 chains, newest first").wait_for()
    assert "mark" not in _query(tab)


def test_tab_enters_a_table_once_and_leaves_it(tab: Any) -> None:
    """Headings sort by Enter, Space ticks, and the next Tab is outside."""
    tab.goto("/functions?range=7+d")
    _settle(tab, ROW)
    first = _tab_to(tab, "isInTable")
    assert first["isOutlined"]
    tab.keyboard.press("End")
    last = tab.evaluate(FOCUSED)
    assert last["words"] != first["words"]
    tab.keyboard.press("Home")
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate(FOCUSED)["words"] == "Function"
    tab.keyboard.press("Enter")
    assert tab.locator("th[aria-sort=ascending]").inner_text() == "Function"
    names = tab.locator(f"{ROW} a").all_inner_texts()
    assert names == sorted(names, key=str.casefold)
    tab.keyboard.press("Tab")
    assert not tab.evaluate(FOCUSED)["isInTable"]


def test_a_tables_tools_show_the_focus_and_tab_leaves_a_canvas(tab: Any) -> None:
    tab.goto("/sql?q=FROM+attempts")
    _settle(tab, "[data-testid=stDataFrame] canvas")
    tab.get_by_role("button", name="Run").focus()
    assert _tab_to(tab, "isInTools")["isOutlined"]
    assert (
        tab.get_by_test_id("stElementToolbar").evaluate("at => getComputedStyle(at).opacity") == "1"
    )
    _tab_to(tab, "isCanvas")
    tab.keyboard.press("ArrowDown")
    for _ in range(2):
        tab.keyboard.press("Tab")
    assert not tab.evaluate(FOCUSED)["isCanvas"]


def test_a_link_to_a_row_of_a_chain_is_followed_searched_and_kept(
    tab: Any, publisher: Publisher
) -> None:
    """Search counts and turns around; choosing a row changes the address and no history."""
    chain_id = _dead_letter(publisher)["chain_id"]
    tab.goto(f"/chain?id={chain_id}&row=2")
    _settle(tab, ".row.selected")
    assert tab.locator(".row.selected .name").inner_text().startswith("fraud-score")
    entries_count = tab.evaluate("history.length")
    tab.keyboard.press("Escape")
    tab.locator(".query").fill("re")
    seen = [tab.locator(".find .count").inner_text()]
    for button in ("Next match", "Next match", "Previous match"):
        tab.get_by_role("button", name=button).click()
        seen.append(tab.locator(".find .count").inner_text())
    assert seen == ["3 found", "1 of 3", "2 of 3", "1 of 3"]
    tab.locator(".row", has_text="emit-receipt").click()
    tab.get_by_text("Attempts of emit-receipt").wait_for()
    tab.wait_for_function(SETTLED)
    assert _query(tab) == {"": ["/chain"], "id": [chain_id], "row": ["4"]}
    assert tab.evaluate("history.length") == entries_count


def test_a_live_refresh_keeps_scroll_focus_ticks_and_selection(
    tab: Any, context: Any, publisher: Publisher
) -> None:
    tab.goto("/chains?range=7+d")
    _settle(tab, ROW)
    _tab_to(tab, "isInTable")
    for key in ("PageDown", "PageDown", "PageDown", "ArrowLeft", "Space", "ArrowRight"):
        tab.keyboard.press(key)
    chain = context.new_page()
    chain.goto(f"/chain?id={_dead_letter(publisher)['chain_id']}")
    _settle(chain, ".row.selected")
    chain.locator(".row").first.click()
    chain.wait_for_function(SETTLED)
    before, chosen = tab.evaluate(FOCUSED), chain.locator(".row.selected").inner_text()
    publisher.let_a_chain_arrive()
    tab.locator(ROW).first.get_by_text("late-comer").first.wait_for(state="attached")
    chain.get_by_text("renamed-order").first.wait_for()
    chain.wait_for_function(SETTLED)
    tab.wait_for_function(SETTLED)
    assert tab.evaluate(FOCUSED) == before
    assert tab.locator("tr[aria-selected=true]").count() == 1
    assert tab.locator("tr[aria-selected=true] input").is_checked()
    assert chain.locator(".row.selected").inner_text() == chosen
    chain.close()


@pytest.fixture(scope="module")
def bomb(context: Any) -> Any:
    """Return a page whose query uses all the processor time it gets: ten seconds of it."""
    page = context.new_page()
    page.goto("/sql?" + urlencode({"q": BOMB}), wait_until="commit")
    page.get_by_text("Views and tables").wait_for()
    return page


def test_another_page_answers_while_a_bomb_runs(tab: Any, bomb: Any) -> None:
    tab.goto("/dlq")
    _settle(tab, ROW)
    assert not bomb.evaluate(SETTLED)


def test_names_from_strangers_are_text_wherever_they_stand(tab: Any, publisher: Publisher) -> None:
    """Markup, escapes and ten thousand letters: nothing runs, nothing hides, nothing stretches."""
    chains = publisher.shop.rows["chains"]
    chain_id = next(c["chain_id"] for c in chains if c["entry_function"] == SCRIPT)
    for address in ("/chains?range=7+d", f"/chain?id={chain_id}", "/waiting?range=7+d"):
        tab.goto(address)
        _settle(tab, "[data-ready]")
        tab.get_by_text("<script>").first.wait_for(state="attached")
        assert tab.locator("img[src=x], script:text('owned')").count() == 0
        assert tab.title() != "owned"
        assert "\x1b" not in tab.inner_text("body")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 1440


def test_the_bomb_was_stopped_at_its_limit(bomb: Any) -> None:
    words = bomb.get_by_text("processor time").or_(bomb.get_by_text("Stopped after"))
    words.first.wait_for()
    bomb.wait_for_function(SETTLED)
    assert words.count() == 1
