"""The table of the benchmark, its ratios, and what must hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from browser import Frames, Seen

    Results = dict[tuple[str, int], list[Seen]]

OURS = "chainlight"
READY_MS_MAX = {10_000: 3_000.0}
FPS_MIN = {10_000: 50.0, 100_000: 30.0}
MOVES = ("scroll", "zoom", "pan")
HEAD = f"{'chart':<11}{'rows':>8}{'ready s':>9}{'x ours':>8}{'MB sent':>9}{'heap MB':>9}" + "".join(
    f"{f'{move} fps p50':>16}{'p5':>5}" for move in MOVES
)
JAEGER = """
Jaeger UI publishes no frame rates; what its tracker says of long traces:
   5,000 spans   "extremely slow", 5 s for a click    github.com/jaegertracing/jaeger-ui/issues/645
  40,000 spans   does not load                        github.com/jaegertracing/jaeger-ui/issues/562
  80,000 spans   freezes and crashes on a collapse    github.com/jaegertracing/jaeger-ui/issues/4189
"""


def line(name: str, size: int, rounds: list[Seen], seen: Results) -> str:
    """Return one line of figures: the best of the rounds, and the ratio to ours in this run."""
    best = _best(rounds)
    if best is None:
        return f"{name:<11}{size:>8}   not painted within the limit"
    own = _best(seen[OURS, size])
    ratio = f"{best.ready_ms / own.ready_ms:8.1f}" if own else f"{'-':>8}"
    return (
        f"{name:<11}{size:>8}{best.ready_ms / 1000:9.2f}{ratio}{best.bytes_count / 1e6:9.2f}"
        f"{best.heap_mb:9.0f}" + "".join(_frames(rounds, move) for move in MOVES)
    )


def _best(rounds: list[Seen]) -> Seen | None:
    return min((one for one in rounds if one.ready_ms), key=lambda one: one.ready_ms, default=None)


def _frames(rounds: list[Seen], move: str) -> str:
    found = _moved(rounds, move)
    return f"{found.p50:16.0f}{found.p5:5.0f}" if found else f"{'-':>16}{'-':>5}"


def _moved(rounds: list[Seen], move: str) -> Frames | None:
    found = [frames for one in rounds if (frames := getattr(one, move))]
    return max(found, key=lambda frames: (frames.p50, frames.p5), default=None)


def conclude(seen: Results) -> int:
    """Print Jaeger's limits and the targets; return 1 where one was missed."""
    print(JAEGER)
    missed = 0
    for size in sorted({size for name, size in seen if name == OURS}):
        best, scrolled = _best(seen[OURS, size]), _moved(seen[OURS, size], "scroll")
        if size in READY_MS_MAX:
            ready_ms = best.ready_ms if best else float("inf")
            is_met = ready_ms <= READY_MS_MAX[size]
            missed += not is_met
            _say(f"{size:,} rows ready: {ready_ms / 1000:.2f} s of 3 s", is_met=is_met)
        if size in FPS_MIN:
            fps = scrolled.p50 if scrolled else 0.0
            is_met = fps >= FPS_MIN[size]
            missed += not is_met
            _say(f"{size:,} rows scrolled: {fps:.0f} of {FPS_MIN[size]:.0f} fps", is_met=is_met)
    return 1 if missed else 0


def _say(words: str, *, is_met: bool) -> None:
    print(f"{words:<48}{'met' if is_met else 'MISSED'}")
