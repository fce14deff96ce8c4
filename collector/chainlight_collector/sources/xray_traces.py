"""The documents of given traces, from X-Ray itself or retrieved from Transaction Search."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from chainlight_collector.aws import OutOfTimeError
from chainlight_collector.ingest import trace_documents
from chainlight_collector.sources.operations_traces import (
    BATCH_GET_TRACES,
    LIST_RETRIEVED,
    START_RETRIEVAL,
)
from chainlight_collector.sources.run import Run

Segment = dict[str, object]

TRACES_A_REQUEST = 5
TRACES_A_RETRIEVAL = 100
POLL_S = 1.0
POLLS_MAX = 60
_BEGUN = frozenset({"SCHEDULED", "RUNNING"})
_MARGIN_S = 3600


def segments(run: Run, trace_ids: Sequence[str]) -> dict[str, list[Segment]]:
    """Return the segments of each trace by BatchGetTraces; those left unprocessed are missing."""
    found: dict[str, list[Segment]] = defaultdict(list)
    for start in range(0, len(trace_ids), TRACES_A_REQUEST):
        parameters: dict[str, object] = {"TraceIds": trace_ids[start : start + TRACES_A_REQUEST]}
        while True:
            page = run.aws.call(BATCH_GET_TRACES, **parameters)
            for trace in page.get("Traces", []):
                found[trace["Id"]] += _documents(trace)
            if not page.get("NextToken"):
                break
            parameters["NextToken"] = page["NextToken"]
    return dict(found)


def retrieved(run: Run, trace_ids: Sequence[str]) -> dict[str, list[Segment]]:
    """Return the segments of each trace that Transaction Search kept.

    Raises:
        OutOfTimeError: the deadline came before the retrieval was complete.

    """
    found: dict[str, list[Segment]] = defaultdict(list)
    for start in range(0, len(trace_ids), TRACES_A_RETRIEVAL):
        wanted = trace_ids[start : start + TRACES_A_RETRIEVAL]
        from_s, to_s = _span_s(wanted)
        begun = run.aws.call(START_RETRIEVAL, TraceIds=wanted, StartTime=from_s, EndTime=to_s)
        for trace in _retrieved(run, begun["RetrievalToken"]):
            found[str(trace["Id"])] += _documents(trace)
    return dict(found)


def _retrieved(run: Run, token: str) -> Iterator[dict[str, object]]:
    parameters: dict[str, object] = {"RetrievalToken": token, "TraceFormat": "XRAY"}
    for _ in range(POLLS_MAX):
        page = run.aws.call(LIST_RETRIEVED, **parameters)
        if page.get("RetrievalStatus") not in _BEGUN:
            break
        if run.deadline.remaining_s < POLL_S:
            raise OutOfTimeError("xray:ListRetrievedTraces: no time left to wait for a retrieval")
        time.sleep(POLL_S)
    while True:
        yield from page.get("Traces", [])
        if not page.get("NextToken"):
            return
        page = run.aws.call(LIST_RETRIEVED, **parameters, NextToken=page["NextToken"])


def _documents(trace: dict[str, object]) -> list[Segment]:
    return [each for each in trace_documents.segments_in(trace) if isinstance(each, dict)]


def _span_s(trace_ids: Iterable[str]) -> tuple[int, int]:
    """Return an hour before the first and after the last of these traces, by their ids."""
    began_s = [int(trace_id.split("-")[1], 16) for trace_id in trace_ids]
    return min(began_s) - _MARGIN_S, max(began_s) + _MARGIN_S
