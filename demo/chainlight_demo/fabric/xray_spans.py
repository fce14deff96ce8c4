"""X-Ray segments as OpenTelemetry spans, as Transaction Search hands them out with format OTEL.

Attributes are those of OpenTelemetry's semantic conventions where there is one, `aws.*` else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chainlight_demo.fabric.xray_store import Segment

_NS_PER_US = 1_000


def spans_of(segment: Segment) -> Iterator[dict[str, Any]]:
    """Yield a segment and its subsegments as spans of one trace."""
    yield from _walk(segment, str(segment["trace_id"]), segment.get("parent_id"))


def _walk(node: Segment, trace_id: str, parent_id: str | None) -> Iterator[dict[str, Any]]:
    yield _span(node, trace_id, parent_id)
    for child in node.get("subsegments") or []:
        yield from _walk(child, trace_id, str(node["id"]))


def _span(node: Segment, trace_id: str, parent_id: str | None) -> dict[str, Any]:
    span: dict[str, Any] = {
        "traceId": trace_id[2:].replace("-", ""),
        "spanId": node["id"],
        "name": node["name"],
        "kind": "CLIENT" if node.get("namespace") else "SERVER",
        "startTimeUnixNano": _nanoseconds(node["start_time"]),
        "attributes": {k: v for k, v in _attributes(node).items() if v is not None},
        "status": {"code": "ERROR" if node.get("fault") or node.get("error") else "UNSET"},
    }
    if parent_id:
        span["parentSpanId"] = parent_id
    if "end_time" in node:
        span["endTimeUnixNano"] = _nanoseconds(node["end_time"])
    return span


def _attributes(node: Segment) -> dict[str, Any]:
    aws = node.get("aws") or {}
    http = node.get("http") or {}
    is_aws_call = node.get("namespace") == "aws"
    return {
        "aws.xray.origin": node.get("origin"),
        "aws.xray.inprogress": node.get("in_progress"),
        "aws.request_id": aws.get("request_id"),
        "cloud.resource_id": node.get("resource_arn") or aws.get("function_arn"),
        "rpc.system": "aws-api" if is_aws_call else None,
        "rpc.service": node["name"] if is_aws_call else None,
        "rpc.method": aws.get("operation"),
        "aws.xray.retries": aws.get("retries"),
        "http.response.status_code": (http.get("response") or {}).get("status"),
    }


def _nanoseconds(seconds: float) -> int:
    return round(float(seconds) * 1_000_000) * _NS_PER_US
