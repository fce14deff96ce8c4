"""What a reader does with a chart: real input, through the browser, for some seconds each."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    Locate = Callable[[Page], Locator]
    Move = Callable[[Page], None]

WHEEL_PX = 120
SECONDS = 4.0
DRAG_PX = 6
CONTROL = 2


def ours(page: Page) -> Locator:
    """Return the rows of the waterfall."""
    return page.locator(".wf .scroller")


def plotly(page: Page) -> Locator:
    """Return the bars of plotly's chart."""
    return page.locator(".js-plotly-plot .nsewdrag").first


def altair(page: Page) -> Locator:
    """Return the canvas of altair's chart."""
    return page.locator('[data-testid="stVegaLiteChart"] canvas').first


def middle(locator: Locator) -> tuple[float, float]:
    """Return the middle of an element, in pixels of the window."""
    box = locator.bounding_box()
    if box is None:
        raise SystemExit(f"{locator} is not on the page")
    return box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2


def wheel(page: Page, at: tuple[float, float], delta_px: int) -> None:
    """Turn the wheel down for some seconds, as fast as the page takes it, at most once a frame."""
    session = page.context.new_cdp_session(page)
    until_s = time.monotonic() + SECONDS
    while time.monotonic() < until_s:
        started_s = time.monotonic()
        session.send("Input.dispatchMouseEvent", _wheel(at, delta_px, 0))
        time.sleep(max(0.0, 1 / 60 - (time.monotonic() - started_s)))


def _wheel(at: tuple[float, float], delta_px: int, modifiers: int) -> dict[str, Any]:
    return {
        "type": "mouseWheel",
        "x": at[0],
        "y": at[1],
        "deltaX": 0,
        "deltaY": delta_px,
        "modifiers": modifiers,
    }


def zoom(page: Page, at: tuple[float, float], modifiers: int = 0) -> None:
    """Turn the wheel to and fro, a little more in than out, so that there is something to pan."""
    session = page.context.new_cdp_session(page)
    started_s = time.monotonic()
    while (passed_s := time.monotonic() - started_s) < SECONDS:
        sign = -1 if passed_s % 2 < 1.1 else 1  # noqa: PLR2004
        session.send("Input.dispatchMouseEvent", _wheel(at, sign * WHEEL_PX // 4, modifiers))
        time.sleep(1 / 60)


def drag(page: Page, at: tuple[float, float], *, is_down: bool) -> None:
    """Drag to and fro with the button held, sideways or up and down."""
    x, y = at
    page.mouse.move(x, y)
    page.mouse.down()
    started_s = time.monotonic()
    way = 0
    while (passed_s := time.monotonic() - started_s) < SECONDS:
        way += DRAG_PX if int(passed_s) % 2 == 0 else -DRAG_PX
        page.mouse.move(*((x, y + way) if is_down else (x + way, y)))
        time.sleep(1 / 60)
    page.mouse.up()


def _scroll(at: Locate) -> Move:
    return lambda page: wheel(page, middle(at(page)), WHEEL_PX)


def _zoom(at: Locate, modifiers: int = 0) -> Move:
    return lambda page: zoom(page, middle(at(page)), modifiers)


def _drag(at: Locate, *, is_down: bool) -> Move:
    return lambda page: drag(page, middle(at(page)), is_down=is_down)


OF: dict[str, dict[str, Move]] = {
    "chainlight": {
        "scroll": _scroll(ours),
        "zoom": _zoom(ours, CONTROL),
        "pan": _drag(ours, is_down=False),
    },
    **{
        name: {
            "scroll": _drag(at, is_down=True),
            "zoom": _zoom(at),
            "pan": _drag(at, is_down=False),
        }
        for name, at in (("plotly", plotly), ("altair", altair))
    },
}
"""What is done with each chart, in this order."""
