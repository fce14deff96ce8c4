"""Lambda's own log lines, as text and as JSON, in the shapes AWS writes them.

Billed Duration includes init (since 2025-08-01) and is computed from the printed, rounded values,
so that a reader of the line can check it.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from chainlight_demo.local_aws import clock
from chainlight_demo.local_aws.registry import REGION, FunctionSettings

_US_PER_MS = 1_000
_RUNTIME_DIGEST = "0d5a2f1c7b3e49d68a1f" * 3 + "c4e7"


@dataclass(frozen=True, slots=True)
class TraceMark:
    """What the platform lines tell of X-Ray."""

    trace_id: str
    segment_id: str
    header: str


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one attempt; `status` is None on success and on a handler's exception."""

    request_id: str
    duration_us: int
    memory_mb: int
    max_memory_mb: int
    init_us: int | None = None
    status: str | None = None
    error_type: str | None = None
    trace: TraceMark | None = None

    @property
    def duration_ms(self) -> float:
        """Return the duration as printed."""
        return round(self.duration_us / _US_PER_MS, 2)

    @property
    def init_ms(self) -> float | None:
        """Return the init duration as printed."""
        return None if self.init_us is None else round(self.init_us / _US_PER_MS, 2)

    @property
    def billed_ms(self) -> int:
        """Return duration and init together, rounded up to whole milliseconds."""
        return max(1, math.ceil(round(self.duration_ms + (self.init_ms or 0.0), 2)))


class TextLines:
    """The platform's lines in the text format."""

    def init_start(self, settings: FunctionSettings, _moment_us: int) -> str:
        """Write INIT_START."""
        name, arn = runtime_version(settings)
        return f"INIT_START Runtime Version: {name}\tRuntime Version ARN: {arn}\n"

    def init_report(
        self, init_us: int, phase: str, status: str, error_type: str | None, _moment_us: int
    ) -> str:
        """Write INIT_REPORT, of a failed init."""
        parts = [f"INIT_REPORT Init Duration: {init_us / _US_PER_MS:.2f} ms", f"Phase: {phase}"]
        parts.append(f"Status: {status}")
        if error_type:
            parts.append(f"Error Type: {error_type}")
        return "\t".join(parts) + "\n"

    def start(
        self, request_id: str, version: str, _trace: TraceMark | None, _moment_us: int
    ) -> str:
        """Write START."""
        return f"START RequestId: {request_id} Version: {version}\n"

    def end(self, report: Report, _moment_us: int) -> list[str]:
        """Write END and REPORT; the X-Ray ids are a second line of the same event."""
        fields = [
            f"REPORT RequestId: {report.request_id}",
            f"Duration: {report.duration_ms:.2f} ms",
            f"Billed Duration: {report.billed_ms} ms",
            f"Memory Size: {report.memory_mb} MB",
            f"Max Memory Used: {report.max_memory_mb} MB",
        ]
        if report.init_ms is not None:
            fields.append(f"Init Duration: {report.init_ms:.2f} ms")
        if report.status:
            fields.append(f"Status: {report.status}")
        if report.error_type:
            fields.append(f"Error Type: {report.error_type}")
        line = "\t".join([*fields, "\n"])
        if report.trace:
            trace = report.trace
            line += f"XRAY TraceId: {trace.trace_id}\tSegmentId: {trace.segment_id}\t"
            line += "Sampled: true\t\n"
        return [f"END RequestId: {report.request_id}\n", line]


class JsonLines:
    """The platform's events in the JSON format."""

    def init_start(self, settings: FunctionSettings, moment_us: int) -> str:
        """Write platform.initStart."""
        name, arn = runtime_version(settings)
        record = {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": name,
            "runtimeVersionArn": arn,
            "functionName": settings.name,
            "functionVersion": settings.version,
        }
        return _event(moment_us, "platform.initStart", record)

    def init_report(
        self, init_us: int, phase: str, status: str, error_type: str | None, moment_us: int
    ) -> str:
        """Write platform.initReport, of a failed init."""
        record: dict[str, object] = {
            "initializationType": "on-demand",
            "phase": phase,
            "status": status,
            "metrics": {"durationMs": round(init_us / _US_PER_MS, 3)},
        }
        if error_type:
            record["errorType"] = error_type
        return _event(moment_us, "platform.initReport", record)

    def start(self, request_id: str, version: str, trace: TraceMark | None, moment_us: int) -> str:
        """Write platform.start."""
        record = {"requestId": request_id, "version": version, **_tracing(trace)}
        return _event(moment_us, "platform.start", record)

    def end(self, report: Report, moment_us: int) -> list[str]:
        """Write platform.report; there is no END in this format."""
        metrics = {
            "durationMs": report.duration_ms,
            "billedDurationMs": report.billed_ms,
            "memorySizeMB": report.memory_mb,
            "maxMemoryUsedMB": report.max_memory_mb,
        }
        if report.init_ms is not None:
            metrics["initDurationMs"] = report.init_ms
        record: dict[str, object] = {"requestId": report.request_id, "metrics": metrics}
        record |= _tracing(report.trace)
        record["status"] = report.status or "success"
        if report.error_type:
            record["errorType"] = report.error_type
        return [_event(moment_us, "platform.report", record)]

    def runtime_done(
        self, report: Report, *, status: str, produced_bytes: int, moment_us: int
    ) -> str:
        """Write platform.runtimeDone, which AWS shows at system level DEBUG only."""
        record = {
            "requestId": report.request_id,
            "status": status,
            "metrics": {"durationMs": report.duration_ms, "producedBytes": produced_bytes},
            **_tracing(report.trace),
        }
        return _event(moment_us, "platform.runtimeDone", record)


def runtime_version(settings: FunctionSettings) -> tuple[str, str]:
    """Return name and ARN of the runtime version, for example `python:3.11.v7`."""
    release = settings.runtime.removeprefix("python")
    name = f"python:{release}.v{sys.version_info.micro}"
    return name, f"arn:aws:lambda:{REGION}::runtime:{_RUNTIME_DIGEST}"


def _event(moment_us: int, kind: str, record: Mapping[str, object]) -> str:
    event = {"time": clock.iso_ms(moment_us), "type": kind, "record": record}
    return json.dumps(event, separators=(",", ":"))


def _tracing(trace: TraceMark | None) -> dict[str, object]:
    if trace is None:
        return {}
    return {
        "tracing": {
            "spanId": trace.segment_id,
            "type": "X-Amzn-Trace-Id",
            "value": trace.header,
        }
    }
