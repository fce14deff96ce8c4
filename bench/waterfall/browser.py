"""What a reader's browser sees: when the bars are there, how many frames a second, how many bytes.

Frames are counted inside the page, by `requestAnimationFrame`, while real input events go through
the browser: wheel, Ctrl + wheel, and a drag with the button held.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    Moves = dict[str, Callable[[Page], None]]

VIEWPORT = {"width": 1440, "height": 900}
WATCH = (Path(__file__).parent / "watch.js").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames a second while something moved: the median, and what 95 % of frames reach."""

    p50: float
    p5: float


@dataclass(frozen=True, slots=True)
class Seen:
    """One chart, opened and moved; None is what did not come in time or is not there to do."""

    ready_ms: float | None
    bytes_count: int = 0
    heap_mb: float = 0.0
    scroll: Frames | None = None
    zoom: Frames | None = None
    pan: Frames | None = None


def watch(browser: Browser, url: str, name: str, moves: Moves, limit_s: float) -> Seen:
    """Open a chart in a fresh browser context, wait until it is painted, and move it."""
    context = browser.new_context(viewport=VIEWPORT)
    context.add_init_script(f"const NAME = {name!r};\n{WATCH}")
    page = context.new_page()
    page.set_default_timeout(limit_s * 1000)
    counted = _count_bytes(page)
    try:
        return _watched(page, url, moves, counted)
    finally:
        context.close()


def _watched(page: Page, url: str, moves: Moves, counted: Callable[[], int]) -> Seen:
    from playwright.sync_api import TimeoutError as NotInTimeError

    page.goto(url, wait_until="commit")
    try:
        page.wait_for_function("() => window.bench?.ready_ms")
    except NotInTimeError:
        return Seen(None)
    ready_ms = float(page.evaluate("() => bench.ready_ms"))
    page.wait_for_function(
        "() => document.querySelector('[data-testid=\"stApp\"]')"
        "?.dataset.testScriptState === 'notRunning'"
    )
    bytes_count, heap_mb = counted(), _heap_mb(page)
    frames = {name: _frames(page, move) for name, move in moves.items()}
    return Seen(ready_ms, bytes_count, heap_mb, **frames)


def _count_bytes(page: Page) -> Callable[[], int]:
    """Return a function that tells what has arrived so far, over HTTP and web sockets."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda said: sizes.append(said["encodedDataLength"]))
    session.on("Network.webSocketFrameReceived", lambda said: sizes.append(_frame_bytes(said)))
    return lambda: int(sum(sizes))


def _frame_bytes(said: dict[str, Any]) -> int:
    response = said["response"]
    text = response["payloadData"]
    return len(base64.b64decode(text)) if response["opcode"] == 2 else len(text)  # noqa: PLR2004


def _heap_mb(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")) / 1e6


def _frames(page: Page, move: Callable[[Page], None]) -> Frames:
    page.evaluate("() => bench.count()")
    move(page)
    deltas_ms: list[float] = page.evaluate("() => bench.stop()")
    worst_ms = quantiles(deltas_ms, n=20)[-1]
    return Frames(1000 / median(deltas_ms), 1000 / worst_ms)
