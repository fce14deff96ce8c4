"""The figures as tables: every row beside ours, then each target with PASS or FAIL.

"added" is over the bare handler. A figure is the least of its rounds (init) or the least 10th
percentile of its rounds (invocations); p50 is the least median. CPU time stands beside wall time,
because a busy machine stretches the one and not the other; verdicts are on wall time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import Any

OURS = "chainlight"
BARE = "bare"
XRAY = "xray"
UNKNOWN = float("nan")

COLUMNS = (
    ("init", "init ms", "{:.1f}"),
    ("init_boto", "with boto3 ms", "{:.1f}"),
    ("init_boto_cpu", "the same, CPU ms", "{:.1f}"),
    ("uncached", "the same, no .pyc", "{:.0f}"),
    ("importtime", "importtime ms", "{:.1f}"),
    ("modules", "modules", "{:.0f}"),
    ("rss", "RSS MB", "{:.2f}"),
    ("rss_warm", "RSS MB, warm", "{:.2f}"),
    ("zip", "zip KB", "{:.0f}"),
    ("raw", "raw KB", "{:.0f}"),
    ("noop", "no-op us p10", "{:.1f}"),
    ("noop_p50", "p50", "{:.1f}"),
    ("noop_cpu", "CPU p10", "{:.1f}"),
    ("hook", "one invoke us p10", "{:.1f}"),
    ("hook_p50", "p50", "{:.1f}"),
    ("hook_cpu", "CPU p10", "{:.1f}"),
    ("http", "by HTTP us p10", "{:.1f}"),
    ("bytes", "bytes an invocation", "{:.0f}"),
    ("watched", "sockets/threads/signals", "{}"),
)

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """One promise: what is measured, how it reads, the most it may be."""

    name: str
    measured: float
    limit: float
    unit: str = ""
    by_cpu: float = UNKNOWN

    def line(self) -> str:
        """Return the target as a row of the second table."""
        verdict = "PASS" if self.is_met() else "FAIL"
        verdict = "NOT MEASURED" if isnan(self.measured) else verdict
        cpu = "" if isnan(self.by_cpu) else f"{self.by_cpu:.2f}"
        measured = f"{self.measured:.2f} {self.unit}".strip()
        return f"| {self.name} | {measured} | {cpu} | {self.limit:.2f} | {verdict} |"

    def is_met(self) -> bool:
        """Tell whether the promise holds; what was not measured (nan) does not."""
        return self.measured <= self.limit


def show(results: dict[str, Any]) -> int:
    """Print both tables and return 1 if a target was missed."""
    figures = {name: _figures(results, name) for name in results["rows"]}
    print(f"\n{results['machine']}; added over the bare handler, (ratio to ours)")
    bare = results["rows"][BARE]
    for mode, what in (("noop", "no-op"), ("hook", "one invoke"), ("http", "by HTTP")):
        print(f"bare handler, {what}: {_least(bare[mode], 'p10_us'):.1f} us p10")
    print("\n| row | " + " | ".join(title for _, title, _ in COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for name, own in figures.items():
        cells = [_cell(own, figures[OURS], key, form) for key, _, form in COLUMNS]
        print(f"| {results['labels'][name]} | " + " | ".join(cells) + " |")
    called = figures[OURS].get("own_modules_called", UNKNOWN)
    print(f"\nmodules of ours after a call: {called:.0f}")
    targets = _targets(figures)
    print("\n| target | measured | by CPU time | at most | verdict |\n|---|---|---|---|---|")
    print("\n".join(target.line() for target in targets))
    return int(not all(target.is_met() for target in targets))


def _cell(own: Figures, ours: Figures, key: str, form: str) -> str:
    value, base = own.get(key), ours.get(key)
    if value is None:
        return "-"
    text = form.format(value)
    if own is ours or isinstance(value, str) or not base or base <= 0 or value <= 0:
        return text
    return f"{text} ({value / base:.1f}x)"


def _figures(results: dict[str, Any], name: str) -> Figures:
    """Return a row's figures by column; what was not measured is missing."""
    own, bare = results["rows"][name], results["rows"][BARE]

    def added(mode: str, figure: str, scale: float = 1) -> float:
        return (_least(own[mode], figure) - _least(bare[mode], figure)) / scale

    zip_bytes, raw_bytes = results["sizes"][name]
    made: dict[str, Callable[[], object]] = {
        "init": lambda: added("init", "init_us", 1000),
        "init_boto": lambda: added("init_boto", "init_us", 1000),
        "init_cpu": lambda: added("init", "init_cpu_us", 1000),
        "init_boto_cpu": lambda: added("init_boto", "init_cpu_us", 1000),
        "uncached": lambda: added("uncached", "init_us", 1000),
        "importtime": lambda: _import_ms(own["importtime"], bare["importtime"]),
        "modules": lambda: added("init_boto", "init_modules"),
        "rss": lambda: added("init_boto", "init_rss_kb", 1024),
        "rss_warm": lambda: added("hook", "rss_end_kb", 1024),
        "zip": lambda: zip_bytes / 1024,
        "raw": lambda: raw_bytes / 1024,
        "noop": lambda: added("noop", "p10_us"),
        "noop_p50": lambda: added("noop", "p50_us"),
        "hook": lambda: added("hook", "p10_us"),
        "hook_p50": lambda: added("hook", "p50_us"),
        "noop_cpu": lambda: added("noop", "p10_cpu_us"),
        "hook_cpu": lambda: added("hook", "p10_cpu_us"),
        "http": lambda: added("http", "p10_us"),
        "bytes": lambda: _least(own["hook"], "out_bytes") / _least(own["hook"], "invocations"),
        "watched": lambda: "{sockets}/{threads}/{signals}".format(**own["watch"][0]),
        "own_modules": lambda: _least(own["init"], "own_modules"),
        "own_modules_boto": lambda: _least(own["init_boto"], "own_modules"),
        "own_modules_called": lambda: _least(own["hook"], "own_modules"),
        **{name: lambda name=name: own["watch"][0][name] for name in ("sockets", "threads")},
        "signals": lambda: own["watch"][0]["signals"],
    }
    figures: Figures = {}
    for key, value in made.items():
        try:
            figures[key] = value()
        except (KeyError, ValueError, IndexError):  # the row was not measured in that mode
            continue
    return figures


def _import_ms(own: list[Figures], bare: list[Figures]) -> float:
    """Return the self times of the modules that the bare handler does not import."""
    known = set().union(*(one["import_us"] for one in bare))
    totals_us = [
        sum(us for module, us in one["import_us"].items() if module not in known) for one in own
    ]
    return min(totals_us) / 1000


def _least(rounds: list[Figures], figure: str) -> float:
    return min(one[figure] for one in rounds)


def _targets(figures: dict[str, Figures]) -> list[Target]:
    ours = figures[OURS]
    peers = [own for name, own in figures.items() if name not in (OURS, BARE)]

    def own(key: str) -> float:
        return float(ours.get(key, UNKNOWN))

    def share_of(others: list[Figures], key: str) -> float:
        lightest = min((one[key] for one in others if key in one), default=UNKNOWN)
        return own(key) / lightest if own(key) > 0 < lightest else UNKNOWN

    def timed(name: str, key: str, limit: float, unit: str) -> Target:
        added = own(key) if own(key) > 0 else UNKNOWN  # else it is less than the noise
        return Target(name, added, limit, unit, own(f"{key}_cpu"))

    def shared(name: str, others: list[Figures], key: str, limit: float) -> Target:
        return Target(name, share_of(others, key), limit, "", share_of(others, f"{key}_cpu"))

    xray = [figures[XRAY]] if XRAY in figures else []
    return [
        timed("init, without boto3", "init", 5, "ms"),
        timed("init, boto3 loaded", "init_boto", 5, "ms"),
        shared("init, without boto3, share of aws-xray-sdk's", xray, "init", 1 / 8),
        shared("init, boto3 loaded, share of aws-xray-sdk's", xray, "init_boto", 1 / 8),
        timed("no-op, p10", "noop", 15, "us"),
        shared("no-op, share of the lightest peer's", peers, "noop", 1 / 3),
        timed("one invoke, p10", "hook", 35, "us"),
        shared("one invoke, share of the lightest peer's", peers, "hook", 1 / 4),
        Target("modules of ours after init, without boto3", own("own_modules"), 14),
        Target("modules of ours after init, boto3 loaded", own("own_modules_boto"), 14),
        Target("RSS after init", own("rss"), 1, "MB"),
        Target("RSS, warm", own("rss_warm"), 1, "MB"),
        Target("zip", own("zip"), 50, "KiB"),
        Target("sockets", own("sockets"), 0),
        Target("signals changed", own("signals"), 0),
        Target("threads", own("threads"), 1),
    ]
