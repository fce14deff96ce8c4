"""The X-Ray API over `XrayStore`: paging, the five-trace limit, annotation filters, sampling.

Source: https://docs.aws.amazon.com/xray/latest/api/Welcome.html. GetTraceSummaries understands
`annotation.name = "value"` (and `annotation[name]`, `AND`); other expressions are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from chainlight_demo.fabric import xray_spans
from chainlight_demo.fabric.xray_store import Segment, XrayStore, walk

SUMMARIES_PER_PAGE = 100
SEGMENTS_PER_PAGE = 200
TRACES_AT_MOST = 5
RETRIEVED_AT_MOST = 100
RETRIEVED_PER_PAGE = 10

_TERM = re.compile(
    r'^annotation(?:\.(?P<dotted>\w+)|\[(?P<bracketed>\w+)\])\s*=\s*(?P<value>"[^"]*"|[\w.]+)$'
)
_DEFAULT_RULE = {
    "RuleName": "Default",
    "RuleARN": "arn:aws:xray:us-east-1:123456789012:sampling-rule/Default",
    "ResourceARN": "*",
    "Priority": 10_000,
    "FixedRate": 1.0,
    "ReservoirSize": 1,
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
    "Attributes": {},
}

Answer = tuple[HTTPStatus, dict[str, Any]]


class InvalidRequestError(ValueError):
    """The request breaks a rule of the API; AWS answers InvalidRequestException."""


class XrayApi:
    """Answers one parsed request at a time."""

    def __init__(self, store: XrayStore) -> None:
        self._store = store
        self._handlers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "/TraceSegments": self._put_trace_segments,
            "/TraceSummaries": self._get_trace_summaries,
            "/Traces": self._batch_get_traces,
            "/StartTraceRetrieval": self._start_retrieval,
            "/ListRetrievedTraces": self._list_retrieved,
            "/GetTraceSegmentDestination": self._destination,
            "/UpdateTraceSegmentDestination": self._update_destination,
            "/TelemetryRecords": lambda _request: {},
            "/GetSamplingRules": _sampling_rules,
            "/SamplingTargets": _sampling_targets,
        }

    def handles(self, path: str) -> bool:
        """Say whether a path is one of X-Ray's, for clients that do not sign."""
        return path in self._handlers

    def answer(self, path: str, body: bytes) -> Answer:
        """Return status and document for a request."""
        handler = self._handlers.get(path)
        if handler is None:
            return HTTPStatus.NOT_FOUND, {"__type": "UnknownOperation", "message": path}
        try:
            return HTTPStatus.OK, handler(json.loads(body or b"{}"))
        except InvalidRequestError as error:
            return HTTPStatus.BAD_REQUEST, {
                "__type": "InvalidRequestException",
                "Message": str(error),
            }

    def _put_trace_segments(self, request: dict[str, Any]) -> dict[str, Any]:
        unprocessed = []
        for text in request.get("TraceSegmentDocuments", []):
            try:
                self._store.put_document(json.loads(text))
            except ValueError as error:
                unprocessed.append({"ErrorCode": "ParseError", "Message": str(error)})
        return {"UnprocessedTraceSegments": unprocessed}

    def _get_trace_summaries(self, request: dict[str, Any]) -> dict[str, Any]:
        start_s, end_s = float(request["StartTime"]), float(request["EndTime"])
        if end_s < start_s:
            raise InvalidRequestError("StartTime must not be after EndTime")
        wanted = _read_filter(request.get("FilterExpression") or "")
        found = [
            summary
            for summary in self._summaries()
            if start_s <= summary["StartTime"] <= end_s and _has_annotations(summary, wanted)
        ]
        first = _read_token(request)
        page = found[first : first + SUMMARIES_PER_PAGE]
        answer = {
            "TraceSummaries": page,
            "ApproximateTime": self._store.now_s(),
            "TracesProcessedCount": len(page),
        }
        return _with_token(answer, first + SUMMARIES_PER_PAGE, len(found))

    def _batch_get_traces(self, request: dict[str, Any]) -> dict[str, Any]:
        trace_ids = request.get("TraceIds", [])
        if len(trace_ids) > TRACES_AT_MOST:
            raise InvalidRequestError(
                f"TraceIds has {len(trace_ids)} ids, {TRACES_AT_MOST} at most"
            )
        by_trace = {trace_id: self._segments(trace_id) for trace_id in trace_ids}
        rows = [(trace_id, segment) for trace_id in by_trace for segment in by_trace[trace_id]]
        first = _read_token(request)
        page = rows[first : first + SEGMENTS_PER_PAGE]
        traces = [
            _trace(trace_id, [segment for owner, segment in page if owner == trace_id], by_trace)
            for trace_id in dict.fromkeys(owner for owner, _ in page)
        ]
        unknown = [trace_id for trace_id, segments in by_trace.items() if not segments]
        answer = {"Traces": traces, "UnprocessedTraceIds": unknown}
        return _with_token(answer, first + SEGMENTS_PER_PAGE, len(rows))

    def _start_retrieval(self, request: dict[str, Any]) -> dict[str, Any]:
        trace_ids = request.get("TraceIds", [])
        if len(trace_ids) > RETRIEVED_AT_MOST:
            raise InvalidRequestError(
                f"TraceIds has {len(trace_ids)} ids, {RETRIEVED_AT_MOST} at most"
            )
        return {"RetrievalToken": self._store.begin_retrieval(trace_ids)}

    def _list_retrieved(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer as AWS does: the first question finds the retrieval still running."""
        token = request.get("RetrievalToken", "")
        retrieval = self._store.retrievals.get(token)
        if retrieval is None:
            raise InvalidRequestError("Invalid RetrievalToken")
        trace_format = request.get("TraceFormat", "XRAY")
        if retrieval.is_running:
            retrieval.is_running = False
            return {"RetrievalStatus": "RUNNING", "TraceFormat": trace_format, "Traces": []}
        is_kept = self._store.destination != "XRay"
        found = [t for t in retrieval.trace_ids if is_kept and self._store.segments(t)]
        first = _read_token(request)
        page = found[first : first + RETRIEVED_PER_PAGE]
        answer = {
            "RetrievalStatus": "COMPLETE",
            "TraceFormat": trace_format,
            "Traces": [_retrieved(t, self._store.segments(t), trace_format) for t in page],
        }
        return _with_token(answer, first + RETRIEVED_PER_PAGE, len(found))

    def _destination(self, _request: dict[str, Any]) -> dict[str, Any]:
        return {"Destination": self._store.destination, "Status": "ACTIVE"}

    def _update_destination(self, request: dict[str, Any]) -> dict[str, Any]:
        self._store.destination = request["Destination"]
        return self._destination(request)

    def _segments(self, trace_id: str) -> list[Segment]:
        return self._store.segments(trace_id) if self._store.destination == "XRay" else []

    def _summaries(self) -> Iterator[dict[str, Any]]:
        for trace_id in self._store.trace_ids():
            if segments := self._segments(trace_id):
                yield _summary(trace_id, segments)


def _trace(
    trace_id: str, segments: list[Segment], by_trace: dict[str, list[Segment]]
) -> dict[str, Any]:
    return {
        "Id": trace_id,
        "Duration": _duration_s(by_trace[trace_id]),
        "LimitExceeded": False,
        "Segments": [{"Id": s["id"], "Document": json.dumps(s)} for s in segments],
    }


def _retrieved(trace_id: str, segments: list[Segment], trace_format: str) -> dict[str, Any]:
    documents = segments
    if trace_format == "OTEL":
        documents = [span for segment in segments for span in xray_spans.spans_of(segment)]
    return {
        "Id": trace_id,
        "Duration": _duration_s(segments),
        "Spans": [
            {"Id": each.get("id") or each.get("spanId"), "Document": json.dumps(each)}
            for each in documents
        ],
    }


def _summary(trace_id: str, segments: list[Segment]) -> dict[str, Any]:
    nodes = [node for segment in segments for node in walk(segment)]
    root = next((s for s in segments if not s.get("parent_id")), segments[0])
    return {
        "Id": trace_id,
        "StartTime": float(segments[0]["start_time"]),
        "Duration": _duration_s(segments),
        "ResponseTime": _duration_s([root]),
        "HasFault": any(node.get("fault") for node in nodes),
        "HasError": any(node.get("error") for node in nodes),
        "HasThrottle": any(node.get("throttle") for node in nodes),
        "IsPartial": any(node.get("in_progress") for node in nodes),
        "Http": {},
        "Annotations": _annotations(nodes),
        "Users": [],
        "ServiceIds": [{"Name": s["name"], "Type": s.get("origin", "")} for s in segments],
        "Revision": len(nodes),
    }


def _annotations(nodes: list[Segment]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for node in nodes:
        for name, value in (node.get("annotations") or {}).items():
            row = {"AnnotationValue": _annotation_value(value), "ServiceIds": []}
            if row not in found.setdefault(name, []):
                found[name].append(row)
    return found


def _annotation_value(value: object) -> dict[str, object]:
    if isinstance(value, bool):
        return {"BooleanValue": value}
    if isinstance(value, int | float):
        return {"NumberValue": value}
    return {"StringValue": str(value)}


def _duration_s(segments: list[Segment]) -> float:
    starts = [float(s["start_time"]) for s in segments]
    ends = [float(s.get("end_time") or s["start_time"]) for s in segments]
    return round(max(ends) - min(starts), 6)


def _read_filter(expression: str) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for term in re.split(r"\s+AND\s+", expression.strip(), flags=re.IGNORECASE):
        if not term:
            continue
        match = _TERM.match(term.strip())
        if match is None:
            raise InvalidRequestError(f"Invalid filter expression: {term!r}")
        wanted[match["dotted"] or match["bracketed"]] = match["value"].strip('"')
    return wanted


def _has_annotations(summary: dict[str, Any], wanted: dict[str, str]) -> bool:
    return all(
        any(
            _as_text(value) == text
            for row in summary["Annotations"].get(name, [])
            for value in row["AnnotationValue"].values()
        )
        for name, text in wanted.items()
    )


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _read_token(request: dict[str, Any]) -> int:
    token = request.get("NextToken") or "0"
    if not str(token).isdigit():
        raise InvalidRequestError("Invalid NextToken")
    return int(token)


def _with_token(answer: dict[str, Any], next_index: int, total_count: int) -> dict[str, Any]:
    return {**answer, "NextToken": str(next_index)} if next_index < total_count else answer


def _sampling_rules(_request: dict[str, Any]) -> dict[str, Any]:
    return {"SamplingRuleRecords": [{"SamplingRule": _DEFAULT_RULE, "CreatedAt": 0.0}]}


def _sampling_targets(request: dict[str, Any]) -> dict[str, Any]:
    targets = [
        {"RuleName": row["RuleName"], "FixedRate": 1.0, "Interval": 10}
        for row in request.get("SamplingStatisticsDocuments", [])
    ]
    return {
        "SamplingTargetDocuments": targets,
        "LastRuleModification": 0.0,
        "UnprocessedStatistics": [],
    }
