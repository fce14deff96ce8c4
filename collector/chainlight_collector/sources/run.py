"""One collector run: what every source is given, and what it hands back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection

from chainlight_collector import derive
from chainlight_collector.alerts.rules import Rules
from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.ingest import Counts
from chainlight_collector.store import Store

DEFAULT_PREFIX = "/aws/lambda/"


@dataclass(frozen=True, slots=True)
class Options:
    """What to read, and for how long to keep it (None: for ever).

    `settle_us` 0 suits a local AWS only: CloudWatch shows events seconds late.
    """

    group_prefixes: tuple[str, ...] = (DEFAULT_PREFIX,)
    group_names: tuple[str, ...] = ()
    group_tag: tuple[str, str] | None = None
    since_us: int = 3600 * 1_000_000
    settle_us: int = 60 * 1_000_000
    detail_life_us: int = 3600 * 1_000_000
    keep_us: int | None = None
    metrics_every_us: int = 3600 * 1_000_000
    details_max: int = 200
    peek_messages_max: int = 1000
    alerts: Rules | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one source is: `done_count` of `total_count` groups, functions or queues."""

    source: str
    done_count: int
    total_count: int
    kept_count: int
    api_calls_count: int


@dataclass(slots=True)
class Outcome:
    """What one source did.

    `problems` are sentences that a person can act on; `is_complete` is false where time ran out
    or something was refused.
    """

    source: str
    counts: Counts = field(default_factory=Counts)
    done_count: int = 0
    total_count: int = 0
    is_complete: bool = True
    problems: list[str] = field(default_factory=list)

    def fail(self, problem: str) -> None:
        """Note a problem; the source goes on with what is left."""
        self.is_complete = False
        if problem not in self.problems:
            self.problems.append(problem)


def silent(_: Progress) -> None:
    """Report nothing."""


@dataclass(slots=True)
class Run:
    """The surroundings of one run; `now_us` is its clock, so that one run has one instant."""

    aws: Aws
    store: Store
    options: Options
    deadline: Deadline
    report: Callable[[Progress], None] = silent
    now_us: int = field(default_factory=lambda: time.time_ns() // 1000)

    def show(self, outcome: Outcome) -> None:
        """Report how far a source is."""
        self.report(
            Progress(
                outcome.source,
                outcome.done_count,
                outcome.total_count,
                outcome.counts.kept,
                self.aws.calls_count,
            )
        )


def postpone_touched(connection: DuckDBPyConnection, counts: Counts) -> None:
    """Note what these new facts touch, in their transaction; the end of the run derives it."""
    derive.postpone_touched(connection, counts.touched_since_us)
