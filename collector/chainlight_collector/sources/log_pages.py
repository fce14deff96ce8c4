"""The events of one log group that is read for its JSON, page by page: spans, Express workflows.

What was read is committed with how far it got, so that a run out of time is continued from there. A
window begins 15 minutes before that: what came late is found, what was there is known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from duckdb import DuckDBPyConnection

from chainlight_collector.aws import OutOfTimeError, next_token
from chainlight_collector.ingest import Counts
from chainlight_collector.sources import checkpoints
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.operations import FILTER_LOG_EVENTS
from chainlight_collector.sources.run import Outcome, Run, postpone_touched
from chainlight_collector.sources.windows import OVERLAP_US

EVENTS_A_COMMIT = 20_000

Events = list[dict[str, Any]]
Keep = Callable[[DuckDBPyConnection, Events], Counts]


def pull(run: Run, source: str, group: str, keep: Keep, outcome: Outcome) -> None:
    """Bring what is new in a log group into the database, as `keep` takes it.

    Raises:
        AwsError: the group cannot be read.
        OutOfTimeError: the deadline is near; what was committed stays.

    """
    with run.store.cursor() as connection:
        known = checkpoints.read(connection, source).get(group)
    to_us = run.now_us - run.options.settle_us
    from_us = run.now_us - run.options.since_us
    reached_us = known.position_us if known is not None else None
    if reached_us is not None:
        from_us = reached_us - OVERLAP_US
    events: Events = []
    try:
        for page in _pages(run, group, from_us, to_us):
            events += page
            if len(events) >= EVENTS_A_COMMIT:
                reached_us = _reached_us(events, reached_us or from_us)
                _commit(run, keep, events, Checkpoint(source, group, reached_us), outcome)
                events = []
    except OutOfTimeError:
        reached_us = _reached_us(events, reached_us or from_us)
        _commit(run, keep, events, Checkpoint(source, group, reached_us), outcome)
        raise
    _commit(run, keep, events, Checkpoint(source, group, to_us), outcome)


def _reached_us(events: Events, before_us: int) -> int:
    newest_us = max((1000 * int(each.get("timestamp", 0)) for each in events), default=0)
    return max(before_us, newest_us)


def _pages(run: Run, group: str, from_us: int, to_us: int) -> Iterator[Events]:
    """Yield the events of each page between two instants, to the end; pages may be empty."""
    parameters: dict[str, object] = {
        "logGroupName": group,
        "startTime": max(0, from_us) // 1000,
        "endTime": to_us // 1000,
        "interleaved": True,
    }
    while True:
        body = run.aws.call(FILTER_LOG_EVENTS, **parameters)["RawBody"]
        yield list(json.loads(body).get("events", []))
        token = next_token(body)
        if token is None:
            return
        parameters["nextToken"] = token


def _commit(run: Run, keep: Keep, events: Events, after: Checkpoint, outcome: Outcome) -> None:
    with run.store.transaction() as connection:
        counts = keep(connection, events) if events else Counts()
        postpone_touched(connection, counts)
        checkpoints.write(connection, [after], run.now_us)
    outcome.counts += counts
    run.show(outcome)
