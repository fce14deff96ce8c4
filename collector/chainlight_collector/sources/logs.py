"""The log source: FilterLogEvents over every chosen group, to the end of its window.

Groups are read four at a time, the one that waited longest first, in turns of a few megabytes, so
that one loud group delays the others by a turn and no more. Whatever was read when time runs out
is committed with the page token where it stopped; the next run goes on from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from chainlight_collector.aws import (
    AbsentError,
    AwsError,
    OutOfTimeError,
    PermissionMissingError,
    next_token,
)
from chainlight_collector.sources import checkpoints, log_groups, windows
from chainlight_collector.sources.batch import Batch
from chainlight_collector.sources.operations import FILTER_LOG_EVENTS
from chainlight_collector.sources.run import Outcome, Run
from chainlight_collector.sources.windows import Window

READERS = 4
TURN_BYTES = 4_000_000
TURN_PAGES = 50
DENIALS_MAX = 3

# Alternatives (`?`) of plain terms: a line that has none of them says nothing about a chain.
FILTER_PATTERN = (
    "?REPORT ?START ?END ?INIT ?INIT_START ?INIT_REPORT ?RESTORE ?RESTORE_START ?RESTORE_REPORT "
    '?EXTENSION ?"Task timed out" ?"RequestId:" ?"platform." ?chainlight ?ERROR'
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Some pages of one window; `token` is where it goes on, None at its end."""

    window: Window
    bodies: tuple[bytes, ...] = ()
    token: str | None = None
    error: AwsError | None = None
    is_out_of_time: bool = False


def pull(run: Run) -> Outcome:
    """Read every log group up to now minus the settle time, as far as time allows.

    Raises:
        AwsError: the log groups cannot be listed.

    """
    outcome = Outcome(windows.LOGS)
    waiting = _due(run)
    outcome.total_count = len(waiting)
    with Batch(run) as batch:
        for turn in _turns(run, waiting):
            _take(run, batch, turn, outcome)
            if batch.is_due:
                outcome.counts += batch.commit()
                run.show(outcome)
        outcome.counts += batch.commit()
    run.show(outcome)
    return outcome


def _due(run: Run) -> list[Window]:
    now_us = run.now_us - run.options.settle_us
    with run.store.cursor() as connection:
        logs = checkpoints.read(connection, windows.LOGS)
        rescans = checkpoints.read(connection, windows.RESCAN)
    groups = log_groups.discover(run)
    return windows.due(groups, logs, rescans, now_us, run.now_us - run.options.since_us)


def _take(run: Run, batch: Batch, turn: Turn, outcome: Outcome) -> None:
    if turn.error is not None and not _is_refused(run, turn):
        outcome.fail(f"{turn.window.group}: {turn.error}")
    if turn.is_out_of_time:
        outcome.is_complete = False
    if turn.bodies:
        after = list(windows.after(turn.window, turn.token, run.now_us))
        batch.add(turn.window.group, turn.bodies, after)
    if turn.token is None and turn.error is None and not turn.is_out_of_time:
        outcome.done_count += 1
        run.show(outcome)


def _is_refused(run: Run, turn: Turn) -> bool:
    """Whether the group is not there, or refused for its class, which is noted: no problem."""
    error = turn.error
    if isinstance(error, AbsentError):
        return turn.window.group not in run.options.group_names  # deleted, or never written to
    if error is None or turn.token is not None or not log_groups.is_refusal(error):
        return False
    return log_groups.refuse(run, turn.window.group, error)


def _turns(run: Run, waiting: list[Window]) -> Iterator[Turn]:
    """Yield turns as they are read; a window that has more goes to the back of the queue."""
    queue, running, denials_count = deque(waiting), set[Future[Turn]](), 0
    with ThreadPoolExecutor(READERS) as pool:
        while queue or running:
            while queue and len(running) < READERS:
                running.add(pool.submit(_read_turn, run, queue.popleft()))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for turn in [future.result() for future in done]:
                yield turn
                denials_count = _count_denials(turn, denials_count)
                if turn.token is not None and turn.error is None and not turn.is_out_of_time:
                    queue.append(replace(turn.window, token=turn.token))
            if run.deadline.has_passed or denials_count >= DENIALS_MAX:
                yield from (Turn(window, is_out_of_time=True) for window in queue)
                queue.clear()


def _count_denials(turn: Turn, denials_count: int) -> int:
    """Return how many refusals came in a row: after three there is no use in asking 2,000 times."""
    return denials_count + 1 if isinstance(turn.error, PermissionMissingError) else 0


def _read_turn(run: Run, window: Window) -> Turn:
    bodies: list[bytes] = []
    token, size_bytes = window.token, 0
    while len(bodies) < TURN_PAGES and size_bytes < TURN_BYTES:
        if run.deadline.has_passed:
            return Turn(window, tuple(bodies), token, is_out_of_time=True)
        try:
            body = _page(run, window, token)
        except OutOfTimeError:
            return Turn(window, tuple(bodies), token, is_out_of_time=True)
        except AwsError as error:
            return _after_error(run, window, tuple(bodies), token, error)
        bodies.append(body)
        size_bytes += len(body)
        token = next_token(body)
        if token is None:
            break
    return Turn(window, tuple(bodies), token)


def _after_error(
    run: Run, window: Window, bodies: tuple[bytes, ...], token: str | None, error: AwsError
) -> Turn:
    """Start a window again whose token AWS no longer knows; other errors are the group's."""
    if token is not None and not bodies and error.code == "InvalidParameterException":
        return _read_turn(run, replace(window, token=None, token_us=None))
    return Turn(window, bodies, token, error=error)


def _page(run: Run, window: Window, token: str | None) -> bytes:
    parameters: dict[str, object] = {
        "logGroupName": window.group,
        "startTime": window.from_ms,
        "endTime": window.to_ms,
        "filterPattern": FILTER_PATTERN,
        "interleaved": True,
    }
    if token is not None:
        parameters["nextToken"] = token
    return run.aws.call(FILTER_LOG_EVENTS, **parameters)["RawBody"]
