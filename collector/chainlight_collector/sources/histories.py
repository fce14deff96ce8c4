"""Histories of executions, whoever runs them: each is read until it has ended.

The list of executions is read back to where the last run had got; those that were running then are
asked for again. Events and the checkpoint are committed together, a few histories at
a time, the oldest first: killed or out of time, the next run goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from chainlight_collector.aws import AbsentError, AwsError, OutOfTimeError
from chainlight_collector.ingest import Counts
from chainlight_collector.sources import checkpoints
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.run import Outcome, Run, postpone_touched

Row = dict[str, object]
EVENTS_A_COMMIT = 5_000
OPEN_MAX = 1_000
"""Executions of one machine that are asked for again; Standard ones may run for a year."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One execution as a list shows it."""

    arn: str
    started_us: int
    is_running: bool


@dataclass(frozen=True, slots=True)
class Histories:
    """Where one machine's executions come from and where their events go.

    `listed` yields executions, the newest first; it is read only as far back as needed.
    """

    source: str
    shard: str
    listed: Callable[[], Iterator[Listed]]
    rows: Callable[[str], Iterable[Row]]
    keep: Callable[[DuckDBPyConnection, list[Row], int], Counts]


def pull(run: Run, histories: Histories, outcome: Outcome) -> None:
    """Read the histories of one machine's executions that are new or were running.

    Raises:
        AwsError: the executions cannot be listed.
        OutOfTimeError: time ran out; what was committed is not read again.

    """
    known = _known(run, histories)
    open_arns = dict.fromkeys(known.state.get("open", []))
    batch = _Batch(run, histories, outcome, known.position_us, open_arns)
    try:
        for execution in _due(run, histories, known, open_arns):
            _check_time(run, histories)
            batch.take(execution)
    except OutOfTimeError:
        batch.commit()
        raise
    batch.commit()


def _check_time(run: Run, histories: Histories) -> None:
    if run.deadline.has_passed:
        raise OutOfTimeError(f"{histories.source}: no time left for {histories.shard}")


def _known(run: Run, histories: Histories) -> Checkpoint:
    with run.store.cursor() as connection:
        found = checkpoints.read(connection, histories.source).get(histories.shard)
    return found or Checkpoint(histories.source, histories.shard, None)


def _due(
    run: Run, histories: Histories, known: Checkpoint, open_arns: dict[str, None]
) -> list[Listed]:
    """Return what to read, the oldest first: those once running, then the new ones."""
    from_us = run.now_us - run.options.since_us if known.position_us is None else known.position_us
    found: dict[str, Listed] = {}
    for execution in histories.listed():
        if execution.started_us < from_us and not open_arns.keys() - found.keys():
            break
        if execution.started_us >= from_us or execution.arn in open_arns:
            found[execution.arn] = execution
        elif execution.started_us < from_us - 90 * 86_400_000_000:
            break  # what ran so long ago is no longer kept by Step Functions
    return sorted(found.values(), key=lambda each: (each.started_us, each.arn))


class _Batch:
    """Histories on their way to the database."""

    def __init__(
        self,
        run: Run,
        histories: Histories,
        outcome: Outcome,
        position_us: int | None,
        open_arns: dict[str, None],
    ) -> None:
        self._run = run
        self._histories = histories
        self._outcome = outcome
        self._position_us = position_us
        self._open_arns = open_arns
        self._rows: list[Row] = []

    def take(self, execution: Listed) -> None:
        """Read one history; one that is refused is named and asked for again, a gone one is not."""
        self._outcome.total_count += 1
        try:
            self._rows += self._histories.rows(execution.arn)
        except AbsentError:
            self._open_arns.pop(execution.arn, None)
            return
        except AwsError as error:
            self._outcome.fail(f"{execution.arn}: {error}")
            self._open_arns[execution.arn] = None
            return
        self._outcome.done_count += 1
        self._open_arns.pop(execution.arn, None)
        if execution.is_running and len(self._open_arns) < OPEN_MAX:
            self._open_arns[execution.arn] = None
        self._position_us = max(self._position_us or 0, execution.started_us)
        if len(self._rows) >= EVENTS_A_COMMIT:
            self.commit()

    def commit(self) -> None:
        """Bring events and the checkpoint into the database at once."""
        after = Checkpoint(
            self._histories.source,
            self._histories.shard,
            self._position_us,
            {"open": list(self._open_arns)},
        )
        with self._run.store.transaction() as connection:
            counts = self._histories.keep(connection, self._rows, self._run.now_us)
            postpone_touched(connection, counts)
            checkpoints.write(connection, [after], self._run.now_us)
        self._outcome.counts += counts
        self._rows = []
        self._run.show(self._outcome)
