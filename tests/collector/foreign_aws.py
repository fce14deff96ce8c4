"""An X-Ray, a Step Functions and durable functions on loopback, whose contents a test sets."""

from __future__ import annotations

import json
import re
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, dict[str, Any]]


@dataclass
class ForeignAws:
    """Traces by id (lists of segments), histories by machine and execution, and how both behave."""

    traces: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    machines: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    express: dict[str, str] = field(default_factory=dict)
    durable: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    destination: str = "XRay"
    page_count: int = 100
    polls_count: int = 0
    unprocessed: set[str] = field(default_factory=set)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def post(self, path: str, target: str, request: dict[str, Any]) -> Answer | None:
        """Return the answer to a POST of X-Ray or Step Functions, None for another service's."""
        name = target if target and hasattr(self, f"_{target}") else path.strip("/")
        method = getattr(self, f"_{name}", None)
        if method is None:
            return None
        self.requests.append((name, request))
        return 200, method(request)

    def get(self, path: str) -> Answer | None:
        """Return the answer to a GET for durable functions, None for anything else."""
        url = urllib.parse.urlsplit(path)
        request = {key: values[0] for key, values in urllib.parse.parse_qs(url.query).items()}
        listed = re.search(r"/functions/([^/]+)/durable-executions$", url.path)
        if listed:
            return 200, self._durable_list(urllib.parse.unquote(listed[1]))
        history = re.search(r"/durable-executions/(.+)/history$", url.path)
        if history:
            return 200, self._durable_history(urllib.parse.unquote(history[1]), request)
        if url.path.rstrip("/").endswith("/functions") and self.durable:
            functions = [_durable_function(arn) for arn in self.durable]
            return 200, {"Functions": functions}
        return None

    def count(self, name: str) -> int:
        """Return how often an operation was asked for."""
        return sum(each == name for each, _ in self.requests)

    def _GetTraceSegmentDestination(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Destination": self.destination, "Status": "ACTIVE"}

    def _TraceSummaries(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self.destination != "XRay":
            return {"TraceSummaries": []}
        found = [
            {"Id": trace_id, "Revision": len(json.dumps(segments)), "IsPartial": False}
            for trace_id, segments in self.traces.items()
            if request["StartTime"] <= segments[0]["start_time"] <= request["EndTime"]
        ]
        return self._paged(request, "NextToken", "TraceSummaries", found)

    def _Traces(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert len(request["TraceIds"]) <= 5
        held = [i for i in request["TraceIds"] if i in self.unprocessed]
        self.unprocessed -= set(held)
        rows = [
            (trace_id, {"Id": segment["id"], "Document": json.dumps(segment)})
            for trace_id in request["TraceIds"]
            if trace_id not in held
            for segment in self.traces.get(trace_id, [])
        ]
        page = self._paged(request, "NextToken", "rows", rows)
        by_trace: dict[str, list[Any]] = {}
        for trace_id, segment in page.pop("rows"):
            by_trace.setdefault(trace_id, []).append(segment)
        traces = [{"Id": trace_id, "Segments": found} for trace_id, found in by_trace.items()]
        return {**page, "Traces": traces, "UnprocessedTraceIds": held}

    def _StartTraceRetrieval(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"RetrievalToken": json.dumps(request["TraceIds"])}

    def _ListRetrievedTraces(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self.polls_count > 0:
            self.polls_count -= 1
            return {"RetrievalStatus": "RUNNING"}
        traces = [
            {
                "Id": trace_id,
                "Spans": [
                    {"Id": s["id"], "Document": json.dumps(s)} for s in self.traces[trace_id]
                ],
            }
            for trace_id in json.loads(request["RetrievalToken"])
            if trace_id in self.traces
        ]
        page = self._paged(request, "NextToken", "Traces", traces)
        return {"RetrievalStatus": "COMPLETE", **page}

    def _ListStateMachines(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = [
            {"stateMachineArn": arn, "name": arn.rsplit(":", 1)[1], "type": kind, "creationDate": 0}
            for kind, arns in (("STANDARD", self.machines), ("EXPRESS", self.express))
            for arn in arns
        ]
        return self._paged(request, "nextToken", "stateMachines", found)

    def _DescribeStateMachine(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        arn = f"arn:aws:logs:x:1:log-group:{self.express[request['stateMachineArn']]}:*"
        destination = {"cloudWatchLogsLogGroup": {"logGroupArn": arn}}
        return {"loggingConfiguration": {"destinations": [destination]}}

    def _ListExecutions(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = [
            {
                "executionArn": arn,
                "startDate": events[0]["timestamp"],
                "status": "SUCCEEDED" if _has_ended(events) else "RUNNING",
            }
            for arn, events in self.machines[request["stateMachineArn"]].items()
        ]
        newest = sorted(found, key=lambda each: each["startDate"], reverse=True)
        return self._paged(request, "nextToken", "executions", newest)

    def _GetExecutionHistory(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        arn = request["executionArn"]
        [events] = [found[arn] for found in self.machines.values() if arn in found]
        return self._paged(request, "nextToken", "events", events)

    def _durable_list(self, function_arn: str) -> dict[str, Any]:
        return {
            "DurableExecutions": [
                {
                    "DurableExecutionArn": arn,
                    "StartTimestamp": events[0]["EventTimestamp"],
                    "Status": "SUCCEEDED",
                }
                for arn, events in self.durable[function_arn].items()
            ]
        }

    def _durable_history(self, arn: str, request: dict[str, Any]) -> dict[str, Any]:
        [events] = [found[arn] for found in self.durable.values() if arn in found]
        page = self._paged({"Marker": request.get("Marker")}, "Marker", "Events", events)
        return {"Events": page["Events"], "NextMarker": page.get("Marker")}

    def _paged(
        self, request: dict[str, Any], token: str, name: str, found: list[Any]
    ) -> dict[str, Any]:
        start = int(request.get(token) or 0)
        end = start + self.page_count
        following = {token: str(end)} if end < len(found) else {}
        return {name: found[start:end], **following}


def _has_ended(events: list[dict[str, Any]]) -> bool:
    return events[-1]["type"] in ("ExecutionSucceeded", "ExecutionFailed")


def _durable_function(arn: str) -> dict[str, Any]:
    name = arn.rsplit(":", 1)[1]
    return {"FunctionName": name, "FunctionArn": arn, "DurableConfig": {"ExecutionTimeout": 60}}
