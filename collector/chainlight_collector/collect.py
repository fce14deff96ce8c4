"""One collector run: every source in turn, then what follows from the new rows.

A source that may not read something is named in the run's row and in the summary; the others go
on. Killed at any moment, a run loses nothing and doubles nothing: the next one goes on from the
checkpoints that were committed with their rows. What is derived from rows waits until all sources
were read, in a note beside them: log groups tell of the same hours, which are then derived once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chainlight_collector import (
    compaction,
    ingest,
    places,
    retention,
    scratch,
    snapshots,
)
from chainlight_collector.addresses import Address, FileAddress
from chainlight_collector.alerts import telling
from chainlight_collector.aws import Aws, AwsError, Deadline, OutOfTimeError
from chainlight_collector.ingest import Counts
from chainlight_collector.run_lock import run_lock
from chainlight_collector.sources import (
    checkpoints,
    deadletters,
    durable,
    executions,
    failure_objects,
    functions,
    logs,
    metrics,
    queues,
    routes,
    xray,
)
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.run import (
    Options,
    Outcome,
    Progress,
    Run,
    postpone_touched,
    silent,
)
from chainlight_collector.store import Store, told

# Logs come last: they take what time is left. The others are bounded by their number of requests.
SOURCES: Mapping[str, Callable[[Run], Outcome]] = {
    functions.FUNCTIONS: functions.pull,
    routes.ROUTES: routes.pull,
    queues.REDRIVES: queues.pull,
    deadletters.DEAD_LETTERS: deadletters.pull,
    failure_objects.FAILURE_OBJECTS: failure_objects.pull,
    metrics.METRICS: metrics.pull,
    executions.EXECUTIONS: executions.pull,
    durable.DURABLE: durable.pull,
    xray.XRAY: xray.pull,
    "logs": logs.pull,
}

DERIVED = "derived rows"
DERIVING_SHARE = 0.25
"""Of a run's time, what the sources leave for deriving: reading is slower, and bounded by AWS."""
RETENTION = "retention"
_LISTING = {functions.FUNCTIONS, "logs"}  # the others read only what these have found

_NOTE_RUN = "INSERT INTO collector_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run did.

    `outcome` is 'ok', 'partial' (see `problems`, or time ran out) or 'failed' (nothing was read).
    `api_calls` counts requests by IAM action; `throttled` those that AWS found too many.
    """

    started_us: int
    ended_us: int
    outcome: str
    counts: Counts
    api_calls: dict[str, int] = field(default_factory=dict)
    throttled: dict[str, int] = field(default_factory=dict)
    sources: dict[str, dict[str, object]] = field(default_factory=dict)
    snapshot: str | None = None

    @property
    def api_calls_count(self) -> int:
        """How many requests went to AWS."""
        return sum(self.api_calls.values())

    @property
    def problems(self) -> list[str]:
        """Every problem of every source, as sentences."""
        found: list[str] = []
        for source, detail in self.sources.items():
            problems = detail["problems"]
            if isinstance(problems, list):
                found += [f"{source}: {problem}" for problem in problems]
        return found

    def as_json(self) -> dict[str, object]:
        """Return the summary as the CLI and the Lambda print it."""
        return {
            "outcome": self.outcome,
            "started_us": self.started_us,
            "ended_us": self.ended_us,
            "kept_count": self.counts.kept,
            "known_count": self.counts.known,
            "skipped_count": self.counts.skipped,
            "rejected_count": self.counts.rejected,
            "api_calls_count": self.api_calls_count,
            "api_calls": self.api_calls,
            "throttled": self.throttled,
            "sources": self.sources,
            "snapshot": self.snapshot,
        }


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a run takes place: its AWS, its deadline, who watches, whether readers get a copy.

    `folder` keeps what is fetched of an object.
    """

    aws: Aws = field(default_factory=Aws)
    deadline: Deadline = field(default_factory=Deadline.never)
    report: Callable[[Progress], None] = silent
    publishes_snapshot: bool = True
    folder: Path | None = None


def collect_into(address: Address, options: Options, surroundings: Surroundings) -> Summary:
    """Read every source once into a database of any mode.

    Raises:
        StoreError: the database cannot be used.
        LostRaceError: of an object: others were faster five times in a row.

    """
    if isinstance(address, FileAddress):
        return collect(address.path, options, surroundings)
    scratch.sweep()
    return places.update(
        address, lambda store: _round(store, options, surroundings), surroundings.folder
    )


def collect(
    database: Path, options: Options | None = None, surroundings: Surroundings | None = None
) -> Summary:
    """Read every source once into `database` and publish a snapshot.

    Raises:
        StoreError: the database cannot be used, or another collector is at work on it.

    """
    around = surroundings or Surroundings()
    scratch.sweep()
    with run_lock(database), told(database):
        compaction.drop_leftovers(database)
        chosen = options or Options()
        with Store.open(database, catches_up=False) as store:
            summary = _round(store, chosen, around)
            is_loose = chosen.keep_us is not None and compaction.is_due(store)
            if not is_loose and around.publishes_snapshot:
                return replace(summary, snapshot=str(snapshots.publish(store)))
        if is_loose:
            compaction.compact(database)
            if around.publishes_snapshot:
                with Store.open(database) as store:
                    return replace(summary, snapshot=str(snapshots.publish(store)))
        return summary


def _round(store: Store, options: Options, around: Surroundings) -> Summary:
    """Read every source, derive what follows, and let old rows go."""
    around.aws.deadline = around.deadline.leaving(DERIVING_SHARE)
    run = Run(around.aws, store, options, around.aws.deadline, around.report)
    calls, throttled = around.aws.calls_counts.copy(), around.aws.throttled_counts.copy()
    outcomes = [_pull(run, source, pull) for source, pull in SOURCES.items()]
    around.aws.deadline = run.deadline = around.deadline
    with store.turn():
        outcomes.append(_derive(run))
    if options.keep_us is not None and outcomes[-1].is_complete:
        outcomes.append(_expire(run, options.keep_us))
    if run.options.alerts is not None:
        outcomes.append(telling.check(run, run.options.alerts))
    summary = replace(
        _summary(run, outcomes),
        api_calls=dict((around.aws.calls_counts - calls).most_common()),
        throttled=dict((around.aws.throttled_counts - throttled).most_common()),
    )
    note_run(store, summary)
    store.checkpoint()
    return summary


def _derive(run: Run) -> Outcome:
    """Derive what new facts touch, a slice at least; what time does not suffice for stays noted."""
    outcome = Outcome(DERIVED)
    for left_count in run.store.catching_up():
        outcome.done_count += 1
        if left_count and run.deadline.has_passed:
            outcome.fail("time ran out before all rows were derived; the next run goes on")
            return outcome
    outcome.total_count = outcome.done_count
    return outcome


def _expire(run: Run, keep_us: int) -> Outcome:
    """Let go what is older than is to be kept; once a day is enough, for days go whole."""
    outcome = Outcome(RETENTION)
    first_day = retention.cutoff(run.now_us, keep_us)
    with run.store.transaction() as connection:
        known = checkpoints.read(connection, RETENTION).get(RETENTION)
        if known is not None and known.state.get("first_day", "") >= str(first_day):
            return outcome
        outcome.done_count = outcome.total_count = retention.expire(connection, first_day)
        point = Checkpoint(RETENTION, RETENTION, run.now_us, {"first_day": str(first_day)})
        checkpoints.write(connection, [point], run.now_us)
    return outcome


def take_subscription(
    address: Address, documents: Sequence[bytes], folder: Path | None = None
) -> Summary:
    """Ingest the documents that log subscriptions delivered; events that a pull brought are known.

    Raises:
        StoreError: the database cannot be used, or another collector is at work on it.

    """
    return places.update(address, lambda store: _take(store, documents), folder)


def _take(store: Store, documents: Sequence[bytes]) -> Summary:
    started_us = time.time_ns() // 1000
    with scratch.folder() as folder:
        file = folder / "subscriptions.ndjson"
        file.write_bytes(b"".join(document.replace(b"\n", b" ") + b"\n" for document in documents))
        with store.transaction() as connection:
            counts = ingest.log_subscriptions(connection, [file], started_us)
            postpone_touched(connection, counts)
        store.catch_up()
    outcome = Outcome("push", counts, len(documents), len(documents))
    detail = {"push": _detail(outcome)}
    summary = Summary(started_us, time.time_ns() // 1000, "ok", counts, sources=detail)
    note_run(store, summary)
    store.checkpoint()
    return summary


def note_run(store: Store, summary: Summary) -> None:
    """Add the run's row; `detail` holds each source's counts and problems as JSON."""
    with store.transaction() as connection:
        connection.execute(
            _NOTE_RUN,
            [
                summary.started_us,
                summary.ended_us,
                summary.outcome,
                summary.counts.kept,
                summary.counts.known,
                summary.counts.rejected,
                summary.api_calls_count,
                json.dumps(summary.sources),
            ],
        )


def _pull(run: Run, source: str, pull: Callable[[Run], Outcome]) -> Outcome:
    if run.deadline.has_passed:
        return Outcome(source, is_complete=False)
    try:
        return pull(run)
    except OutOfTimeError:
        return Outcome(source, is_complete=False)
    except AwsError as error:
        outcome = Outcome(source)
        outcome.fail(str(error))
        return outcome


def _summary(run: Run, outcomes: list[Outcome]) -> Summary:
    counts = sum((outcome.counts for outcome in outcomes), Counts())
    return Summary(
        started_us=run.now_us,
        ended_us=time.time_ns() // 1000,
        outcome=_verdict(outcomes),
        counts=counts,
        sources={outcome.source: _detail(outcome) for outcome in outcomes},
    )


def _verdict(outcomes: list[Outcome]) -> str:
    if all(outcome.is_complete for outcome in outcomes):
        return "ok"
    listing = [each for each in outcomes if each.source in _LISTING]
    is_any_read = any(each.done_count for each in outcomes) or any(
        each.is_complete for each in listing
    )
    return "partial" if is_any_read else "failed"


def _detail(outcome: Outcome) -> dict[str, object]:
    return {
        "is_complete": outcome.is_complete,
        "done_count": outcome.done_count,
        "total_count": outcome.total_count,
        "kept_count": outcome.counts.kept,
        "problems": outcome.problems,
    }
