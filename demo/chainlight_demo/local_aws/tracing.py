"""X-Ray as Lambda does it: the trace header that goes in, the segments that come out.

Every invocation has a header; segments are written only where it is sampled. `AWS::Lambda` knows
the request id, `AWS::Lambda::Function` the ARN; they join through `parent_id`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from chainlight_demo.local_aws.registry import ACCOUNT_ID, FunctionSettings

Segment: TypeAlias = dict[str, object]
_US_PER_S = 1_000_000
_HTTP_ACCEPTED = 202
_LINEAGE_PARTS = 3


@dataclass(frozen=True, slots=True)
class Trace:
    """The place of one invocation in its trace."""

    root: str
    upstream_parent_id: str | None
    is_sampled: bool
    lineage: str
    lambda_segment_id: str

    def header(self, parent_id: str) -> str:
        """Return the header for whoever runs below `parent_id`."""
        sampled = int(self.is_sampled)
        return f"Root={self.root};Parent={parent_id};Sampled={sampled};Lineage={self.lineage}"


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of time of an attempt: its ids in X-Ray and how it went."""

    segment_id: str
    started_us: int
    ended_us: int
    init_started_us: int | None = None
    init_ended_us: int | None = None
    fault: str | None = None
    """`error` for a handler's exception, `fault` for a crash or a timeout."""
    cause: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class AsyncAttempt:
    """One attempt as the async queue sees it."""

    subsegment_id: str
    started_us: int
    ended_us: int
    fault: str | None = None


def begin(header: str | None, settings: FunctionSettings) -> Trace:
    """Continue the trace of a request, or mint one; the function's own mode decides if it is new.

    PassThrough without a header is not sampled; Active without one is always sampled here, where
    AWS samples the first of each second and 5 % of the rest.
    """
    fields = dict(part.strip().partition("=")[::2] for part in (header or "").split(";"))
    sampled = fields.get("Sampled")
    return Trace(
        root=fields.get("Root") or new_root(),
        upstream_parent_id=fields.get("Parent"),
        is_sampled=sampled == "1" or (settings.traces_actively and sampled != "0"),
        lineage=_lineage(fields.get("Lineage"), settings.arn),
        lambda_segment_id=new_id(),
    )


def new_id() -> str:
    """Return a fresh segment id."""
    return secrets.token_hex(8)


def new_root() -> str:
    """Return a fresh trace id."""
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"


def lambda_segment(
    trace: Trace,
    settings: FunctionSettings,
    *,
    request_id: str,
    span: Span,
    attempts: tuple[AsyncAttempt, ...] = (),
) -> Segment:
    """Return the service's segment; with `attempts` it is that of an asynchronous invocation.

    The subsegments of an asynchronous one end after the segment itself, as on AWS.
    """
    is_async = bool(attempts)
    segment: Segment = {
        "id": trace.lambda_segment_id,
        "name": settings.name,
        "start_time": _seconds(span.started_us),
        "trace_id": trace.root,
        "end_time": _seconds(span.ended_us),
        **_parent(trace.upstream_parent_id),
        "http": {"response": {"status": _HTTP_ACCEPTED if is_async else 200}},
        "aws": {"request_id": request_id},
        "origin": "AWS::Lambda",
        "resource_arn": settings.arn,
        **_fault(span.fault if not is_async else None),
    }
    if is_async:
        segment["subsegments"] = [
            _dwell(span.started_us, attempts[0].started_us),
            *(_attempt(number, attempt) for number, attempt in enumerate(attempts, start=1)),
        ]
    return segment


def function_segment(
    trace: Trace, settings: FunctionSettings, *, parent_id: str, span: Span
) -> Segment:
    """Return the function's own segment, in the new style: Init on a cold start, no Overhead."""
    segment: Segment = {
        "id": span.segment_id,
        "name": settings.name,
        "start_time": _seconds(span.started_us),
        "trace_id": trace.root,
        "end_time": _seconds(span.ended_us),
        "parent_id": parent_id,
        "aws": {
            "account_id": ACCOUNT_ID,
            "function_arn": settings.arn,
            "resource_names": [settings.name],
        },
        "origin": "AWS::Lambda::Function",
        **_fault(span.fault),
    }
    if span.cause:
        segment["cause"] = span.cause
    if span.init_started_us is not None and span.init_ended_us is not None:
        segment["subsegments"] = [_init(settings, span.init_started_us, span.init_ended_us)]
    return segment


def read_datagram(data: bytes) -> Segment | None:
    """Return the segment of an X-Ray daemon datagram; None for anything else, such as `T1S`."""
    head, _, body = data.partition(b"\n")
    try:
        header, segment = json.loads(head), json.loads(body)
    except ValueError:
        return None
    is_segment = isinstance(header, dict) and header.get("format") == "json"
    return segment if is_segment and isinstance(segment, dict) else None


def _lineage(lineage: str | None, arn: str) -> str:
    digest = hashlib.sha256(arn.encode()).hexdigest()[:8]
    parts = (lineage or "").split(":")
    if len(parts) != _LINEAGE_PARTS or not parts[2].isdigit():
        return f"1:{digest}:0"
    return f"{parts[0]}:{digest}:{int(parts[2]) + 1}"


def _init(settings: FunctionSettings, started_us: int, ended_us: int) -> Segment:
    return {
        "id": new_id(),
        "name": "Init",
        "start_time": _seconds(started_us),
        "end_time": _seconds(ended_us),
        "aws": {"function_arn": settings.arn},
    }


def _dwell(accepted_us: int, started_us: int) -> Segment:
    return {
        "id": new_id(),
        "name": "Dwell Time",
        "start_time": _seconds(accepted_us),
        "end_time": _seconds(started_us),
    }


def _attempt(number: int, attempt: AsyncAttempt) -> Segment:
    return {
        "id": attempt.subsegment_id,
        "name": f"Attempt #{number}",
        "start_time": _seconds(attempt.started_us),
        "end_time": _seconds(attempt.ended_us),
        "http": {"response": {"status": 200}},
        **_fault(attempt.fault),
    }


def _parent(parent_id: str | None) -> Segment:
    return {"parent_id": parent_id} if parent_id else {}


def _fault(kind: str | None) -> Segment:
    return {kind: True} if kind else {}


def _seconds(moment_us: int) -> float:
    return moment_us / _US_PER_S
