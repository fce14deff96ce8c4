"""The X-Ray source: traces as they grow, until they are whole or an hour old.

GetTraceSummaries lists the traces of the last hour (and of what was not yet read, six hours a
request at most) with a revision that rises with each segment; a trace is read again when it rose
or when something of it was in progress. With Transaction Search the old API finds nothing: then
the traces' spans are read from the log group `aws/spans`, and those that functions' REPORT lines
name and that are not whole are retrieved (100 a request).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection

from chainlight_collector import ingest
from chainlight_collector.aws import AbsentError, AwsError
from chainlight_collector.ingest import Counts, trace_documents
from chainlight_collector.sources import checkpoints, log_pages, xray_traces
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.operations_traces import GET_DESTINATION, GET_TRACE_SUMMARIES
from chainlight_collector.sources.run import Outcome, Run, postpone_touched
from chainlight_collector.sources.xray_traces import Segment

XRAY = "xray"
SPANS = "xray_spans"
SPANS_GROUP = "aws/spans"
TRANSACTION_SEARCH = "CloudWatchLogs"
HOUR_US = 3_600_000_000
WINDOW_US = 6 * HOUR_US
TRACES_A_COMMIT = 50

_ROOTS = """
SELECT DISTINCT r.trace_root
FROM (
    SELECT trace_root, min(logged_us) AS logged_us
    FROM invocation_reports WHERE is_sampled AND logged_us > $from_us GROUP BY trace_root
) AS r
LEFT JOIN (
    SELECT trace_id, bool_or(is_in_progress) AS is_open
    FROM xray_segments WHERE started_us > $from_us - 3600000000 GROUP BY trace_id
) AS s ON s.trace_id = r.trace_root
WHERE s.trace_id IS NULL OR s.is_open
ORDER BY ALL
"""


@dataclass(slots=True)
class _Seen:
    """What is known of the traces of the last hour: their revision, and whether they were whole."""

    position_us: int | None
    revisions: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def is_due(self, trace_id: str, revision: str) -> bool:
        """Whether a trace has to be read (again)."""
        known = self.revisions.get(trace_id)
        return known is None or known[0] != revision or not known[1]

    def checkpoint(self, run: Run) -> Checkpoint:
        """Return the checkpoint; traces older than two hours do not grow any more."""
        oldest_us = run.now_us - 2 * HOUR_US
        young = {
            trace_id: list(known)
            for trace_id, known in self.revisions.items()
            if _began_us(trace_id) >= oldest_us
        }
        return Checkpoint(XRAY, "", self.position_us, {"revisions": young})


def pull(run: Run) -> Outcome:
    """Read the traces that are new, have grown or were not whole.

    Raises:
        AwsError: X-Ray refuses to say where it keeps segments, or to list them.
        OutOfTimeError: time ran out; what was committed is not read again.

    """
    outcome = Outcome(XRAY)
    seen = _seen(run)
    is_searched = run.aws.call(GET_DESTINATION).get("Destination") == TRANSACTION_SEARCH
    if is_searched:
        _pull_spans(run, outcome)
        _pull_roots(run, seen, outcome)
    for from_us, to_us in _windows(run, seen):
        due = _due(run, seen, from_us, to_us)
        outcome.total_count += len(due)
        for start in range(0, len(due), TRACES_A_COMMIT):
            _pull_traces(run, seen, due[start : start + TRACES_A_COMMIT], outcome, is_searched)
        seen.position_us = to_us
        _commit(run, [], seen.checkpoint(run), outcome)
    return outcome


def _seen(run: Run) -> _Seen:
    with run.store.cursor() as connection:
        known = checkpoints.read(connection, XRAY).get("")
    if known is None:
        return _Seen(None)
    revisions = {
        trace_id: (str(revision), bool(is_whole))
        for trace_id, (revision, is_whole) in known.state.get("revisions", {}).items()
    }
    return _Seen(known.position_us, revisions)


def _windows(run: Run, seen: _Seen) -> Iterator[tuple[int, int]]:
    """Yield stretches of six hours at most, from an hour before the watermark until now."""
    from_us = run.now_us - run.options.since_us
    if seen.position_us is not None:
        from_us = seen.position_us - HOUR_US
    until_us = run.now_us - run.options.settle_us
    while from_us < until_us:
        to_us = min(from_us + WINDOW_US, until_us)
        yield from_us, to_us
        from_us = to_us


def _due(run: Run, seen: _Seen, from_us: int, to_us: int) -> list[tuple[str, str, bool]]:
    """Return id, revision and whether X-Ray calls it whole, of the traces to read."""
    parameters: dict[str, object] = {
        "StartTime": from_us / 1_000_000,
        "EndTime": to_us / 1_000_000,
        "Sampling": False,
    }
    due: dict[str, tuple[str, str, bool]] = {}
    while True:
        page = run.aws.call(GET_TRACE_SUMMARIES, **parameters)
        for summary in page.get("TraceSummaries", []):
            trace_id = summary["Id"]
            revision = f"{summary.get('Revision')} {summary.get('Duration')}"
            if seen.is_due(trace_id, revision):
                due[trace_id] = (trace_id, revision, not summary.get("IsPartial", False))
        if not page.get("NextToken"):
            return sorted(due.values())
        parameters["NextToken"] = page["NextToken"]


def _pull_traces(
    run: Run,
    seen: _Seen,
    due: Sequence[tuple[str, str, bool]],
    outcome: Outcome,
    is_searched: bool,  # noqa: FBT001  the last of five, said by its name at the one call
) -> None:
    read = xray_traces.retrieved if is_searched else xray_traces.segments
    by_trace = read(run, [trace_id for trace_id, _, _ in due])
    for trace_id, revision, is_whole in due:
        if trace_id in by_trace:
            is_closed = is_whole and not any(map(_is_open, by_trace[trace_id]))
            seen.revisions[trace_id] = (revision, is_closed)
            outcome.done_count += 1
    _commit(run, _flat(by_trace.values()), seen.checkpoint(run), outcome)


def _pull_roots(run: Run, seen: _Seen, outcome: Outcome) -> None:
    """Retrieve the traces that REPORT lines of the last hour name and that are not whole."""
    from_us = run.now_us - HOUR_US
    roots = [row[0] for row in run.store.query(_ROOTS, {"from_us": from_us}).fetchall()]
    outcome.total_count += len(roots)
    for start in range(0, len(roots), TRACES_A_COMMIT):
        by_trace = xray_traces.retrieved(run, roots[start : start + TRACES_A_COMMIT])
        outcome.done_count += len(by_trace)
        _commit(run, _flat(by_trace.values()), seen.checkpoint(run), outcome)


def _pull_spans(run: Run, outcome: Outcome) -> None:
    def keep(connection: DuckDBPyConnection, events: log_pages.Events) -> Counts:
        spans = [span for each in events if (span := trace_documents.span_of_event(each))]
        return ingest.xray_documents(connection, spans, run.now_us)

    try:
        log_pages.pull(run, SPANS, SPANS_GROUP, keep, outcome)
    except AbsentError:
        return  # nothing was ever sent there
    except AwsError as error:
        outcome.fail(f"{SPANS_GROUP}: {error}")


def _commit(
    run: Run, segments: Sequence[Segment], after: Checkpoint | None, outcome: Outcome
) -> None:
    with run.store.transaction() as connection:
        counts = ingest.xray_documents(connection, segments, run.now_us)
        postpone_touched(connection, counts)
        if after is not None:
            checkpoints.write(connection, [after], run.now_us)
    outcome.counts += counts
    run.show(outcome)


def _flat(groups: Iterable[list[Segment]]) -> list[Segment]:
    return [segment for group in groups for segment in group]


def _is_open(node: object) -> bool:
    """Whether a segment or a part of it is in progress."""
    if not isinstance(node, dict):
        return False
    parts = node.get("subsegments")
    is_any_open = isinstance(parts, list) and any(map(_is_open, parts))
    return bool(node.get("in_progress")) or is_any_open


def _began_us(trace_id: str) -> int:
    """Return when a trace began: its id says so to the second."""
    try:
        return int(trace_id.split("-")[1], 16) * 1_000_000
    except (IndexError, ValueError):
        return 0
